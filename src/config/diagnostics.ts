/** Every problem of a configuration with its place, gathered, and told once. */
import { relative } from "node:path";
import { codeFrame } from "../code-frame.ts";
import { UserError } from "../errors.ts";

export type KeyPath = readonly (string | number)[];

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A file that was parsed: its values and where each of them stands. */
export interface ParsedFile {
  readonly path: string;
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** The place of a key, or of the nearest one around it. */
  locate(path: KeyPath): Place | undefined;
}

interface Problem {
  readonly path: KeyPath;
  readonly message: string;
}

/** Told of one file: a generated one may have the same mistake in each of a thousand entries. */
const MOST_PROBLEMS = 50;

/** Collects what is wrong with one file. `cwd` makes the paths in messages short. */
export class Diagnostics {
  readonly #file: ParsedFile | undefined;
  readonly #cwd: string;
  readonly #errors: Problem[] = [];
  readonly #warnings: string[] = [];
  #warned = 0;

  constructor(file: ParsedFile | undefined, cwd: string) {
    this.#file = file;
    this.#cwd = cwd;
  }

  /** The warnings so far, a line each. */
  get warnings(): readonly string[] {
    const more = this.#warned - this.#warnings.length;
    return more === 0 ? this.#warnings : [...this.#warnings, `${this.#name()}: ${more} more warnings`];
  }

  error(path: KeyPath, message: string): void {
    this.#errors.push({ path, message });
  }

  warn(path: KeyPath, message: string | (() => string)): void {
    this.#warned++;
    if (this.#warned > MOST_PROBLEMS) return;
    this.#warnings.push(this.#render({ path, message: typeof message === "string" ? message : message() }));
  }

  /** Throws one error that names them all, if there are any. */
  throwErrors(): void {
    const shown = this.#errors.slice(0, MOST_PROBLEMS).sort((a, b) => this.#compare(a, b));
    const [first] = shown;
    if (first === undefined) return;
    const count = this.#errors.length;
    const message = count === 1 ? this.#render(first) : `${this.#name()} has ${count} problems`;
    const lines = shown.map(problem => `  ${this.#render(problem)}`);
    if (count > shown.length) lines.push(`  … and ${count - shown.length} more`);
    const details = count === 1 ? this.#frame(first) : lines.join("\n");
    throw new UserError("CONFIG_INVALID", message, "Correct the keys named above.", { details });
  }

  #name(): string {
    return this.#file === undefined ? "the configuration" : shortPath(this.#cwd, this.#file.path);
  }

  /** By their places in the file. */
  #compare(a: Problem, b: Problem): number {
    const [first, second] = [a, b].map(problem => this.#file?.locate(problem.path) ?? { line: 0, column: 0 });
    return first!.line - second!.line || first!.column - second!.column;
  }

  #render(problem: Problem): string {
    const key = problem.path.length === 0 ? "" : `"${formatKey(problem.path)}" `;
    if (this.#file === undefined) return `${key}${problem.message}`;
    const place = this.#file.locate(problem.path);
    const file = shortPath(this.#cwd, this.#file.path);
    const at = place === undefined ? file : `${file}:${place.line}:${place.column}`;
    return `${at}: ${key}${problem.message}`;
  }

  #frame(problem: Problem): string | undefined {
    const place = this.#file?.locate(problem.path);
    if (this.#file === undefined || place === undefined) return undefined;
    return codeFrame(this.#file.text, place);
  }
}

/** `["kv_namespaces", 0, "binding"]` as a reader writes it: `kv_namespaces[0].binding`. */
export function formatKey(path: KeyPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

/** A path as a message shows it: relative where that is shorter. */
export function shortPath(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return short !== "" && short.length < path.length ? short : path;
}

/** The known name nearest to what was typed; undefined where none is near enough to be a typing error. */
export function closest(name: string, known: Iterable<string>): string | undefined {
  if (name.length > 64) return undefined;
  const wanted = name.toLowerCase().replaceAll("-", "_");
  let best: string | undefined;
  let least = Math.floor(wanted.length / 3) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase(), least);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** Damerau-Levenshtein distance with adjacent swaps; gives up with `limit` once it cannot be less. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
