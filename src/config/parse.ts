/** What the two parsers share. */
import { codeFrame, placeAt } from "../code-frame.ts";
import { UserError } from "../errors.ts";
import { shortPath } from "./diagnostics.ts";

/** The error for text that is not in the format's grammar. */
export function syntaxError(
  path: string,
  text: string,
  cwd: string,
  offset: number,
  problem: string,
): UserError {
  const place = placeAt(text, offset);
  return new UserError(
    "CONFIG_SYNTAX",
    `${shortPath(cwd, path)}:${place.line}:${place.column}: ${problem}`,
    "Correct the syntax of the file.",
    { details: codeFrame(text, place) },
  );
}

/** The error for a file that holds no table of keys. */
export function notAnObject(path: string, cwd: string): UserError {
  return new UserError(
    "CONFIG_SYNTAX",
    `${shortPath(cwd, path)} does not hold an object of keys`,
    'Write at least {"name": "my-worker", "main": "src/index.ts"}.',
  );
}

/** Sets an own property whatever its name: an assignment to `__proto__` would not. */
export function setOwn(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
