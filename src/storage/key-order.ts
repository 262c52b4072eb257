/** The order of keys in lists: that of their UTF-8 bytes, which is that of code points and not that of JavaScript's strings. */

export function compareUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** The index of the first of the ordered strings that does not come before `bound`. */
export function firstNotBefore(order: readonly string[], bound: string): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUtf8(order[middle] as string, bound) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first string after another: itself and a NUL. */
export const nextAfter = (key: string): string => `${key}\0`;

/** The first string after all that start with `prefix`; undefined when there is none. */
export function successor(prefix: string): string | undefined {
  const points = [...prefix];
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) as number;
    if (point === 0x10ffff) continue;
    // Surrogates are no characters.
    return points.join("") + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return undefined;
}

/** In SQLite's order every BLOB comes after every TEXT: the bound of a list that has no upper one. */
export const AFTER_ALL_KEYS = Buffer.alloc(0);
