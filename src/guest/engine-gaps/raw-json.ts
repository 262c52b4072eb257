/** `JSON.rawJSON` and `JSON.isRawJSON` (https://tc39.es/proposal-json-parse-with-source/). */
import { defineMissingMethods } from "./define.ts";

const raws = new WeakSet<object>();

/** Adds both. `JSON.stringify` stays the engine's own until the first `rawJSON`. */
export function fillRawJSON(): void {
  const parse = JSON.parse;
  let stringifies = false;
  defineMissingMethods(JSON, {
    isRawJSON: (value: unknown): boolean => typeof value === "object" && value !== null && raws.has(value),
    rawJSON(value: unknown): object {
      const text = String(value);
      if (text === "" || /^[\t\n\r ]|[\t\n\r ]$/.test(text))
        throw new SyntaxError("The JSON text is empty or has space around it");
      const parsed: unknown = parse(text);
      if (typeof parsed === "object" && parsed !== null)
        throw new SyntaxError("The JSON text is an object or an array");
      const raw = Object.freeze(Object.assign(Object.create(null) as object, { rawJSON: text }));
      raws.add(raw);
      if (!stringifies) replaceStringify();
      stringifies = true;
      return raw;
    },
  });
}

/** Strings of this form stand for raw values until the text is complete; real strings of it are marked too. */
const MARK = "\u0000raw:";
const MARKED = /"\\u0000raw:((?:[^"\\]|\\.)*)"/g;

function replaceStringify(): void {
  const stringify = JSON.stringify;
  const parse = JSON.parse;
  type Replacer = ((this: unknown, key: string, value: unknown) => unknown) | undefined;
  const replacement = {
    stringify(value: unknown, replacer?: unknown, space?: string | number): string | undefined {
      const allowed = Array.isArray(replacer) ? replacer : undefined;
      const replace = typeof replacer === "function" ? (replacer as Replacer) : undefined;
      const texts: string[] = [];
      const mark = (text: string) => `${MARK}${texts.push(text) - 1}`;
      const text = stringify(
        value,
        function (this: unknown, key: string, item: unknown) {
          if (
            allowed !== undefined &&
            key !== "" &&
            !Array.isArray(this) &&
            !allowed.some(name => String(name) === key)
          ) {
            return undefined;
          }
          const replaced = replace === undefined ? item : Reflect.apply(replace, this, [key, item]);
          if (typeof replaced === "object" && replaced !== null && raws.has(replaced)) {
            return mark((replaced as { rawJSON: string }).rawJSON);
          }
          return typeof replaced === "string" && replaced.startsWith(MARK)
            ? mark(stringify(replaced))
            : replaced;
        },
        space,
      ) as string | undefined;
      return text?.replace(MARKED, (_match, index: string) => texts[Number(parse(index))] ?? "");
    },
  };
  Object.defineProperty(replacement.stringify, "length", { value: 3, configurable: true });
  Object.defineProperty(JSON, "stringify", {
    value: replacement.stringify,
    writable: true,
    configurable: true,
  });
}
