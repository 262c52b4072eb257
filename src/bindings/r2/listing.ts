/** Lists of objects, by whatever gives rows in order. */
import { decodeCursor, encodeCursor } from "../../storage/cursor.ts";
import { compareUtf8, nextAfter, successor } from "../../storage/key-order.ts";
import type { R2Head, R2ListOptions, R2Page } from "./store.ts";

/** Where a list goes on: behind a key, or behind all keys that start with a prefix. */
type Position = readonly [behind: "key" | "prefix", text: string];

/**
 * A page. `rowsFrom` gives the objects from a key on, in order, within the prefix: at most `count` are read, and after a
 * prefix it is asked again for those behind it.
 */
export function listPage(
  options: R2ListOptions,
  rowsFrom: (low: string, count: number) => Iterable<R2Head>,
): R2Page {
  const { prefix, delimiter, limit } = options;
  const objects: R2Head[] = [];
  const prefixes: string[] = [];
  let last: Position | undefined;
  let low = startOf(options);
  scan: while (low !== undefined) {
    const room = limit - objects.length - prefixes.length;
    for (const head of rowsFrom(low, room + 1)) {
      if (objects.length + prefixes.length === limit) return { objects, prefixes, cursor: cursorFor(last) };
      const end = delimiter === "" ? -1 : head.key.indexOf(delimiter, prefix.length);
      if (end < 0) {
        objects.push(head);
        last = ["key", head.key];
        continue;
      }
      const common = head.key.slice(0, end + delimiter.length);
      prefixes.push(common);
      last = ["prefix", common];
      low = successor(common);
      continue scan;
    }
    break;
  }
  return { objects, prefixes, cursor: null };
}

/** The first key that a list may begin with; undefined where there can be none. */
function startOf({ prefix, startAfter, cursor }: R2ListOptions): string | undefined {
  let low: string | undefined = prefix;
  if (startAfter !== null) low = later(low, nextAfter(startAfter));
  if (cursor === null) return low;
  const [behind, text] = JSON.parse(decodeCursor("r2", cursor)) as Position;
  const next = behind === "key" ? nextAfter(text) : successor(text);
  return next === undefined ? undefined : later(low, next);
}

const later = (left: string, right: string): string => (compareUtf8(left, right) < 0 ? right : left);

const cursorFor = (position: Position | undefined): string | null =>
  position === undefined ? null : encodeCursor("r2", JSON.stringify(position));
