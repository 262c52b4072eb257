/** Which files of the folder are no assets: https://developers.cloudflare.com/workers/static-assets/binding/#ignoring-assets */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ignore, { type Ignore } from "ignore";
import { UserError } from "../../errors.ts";
import { type FileMark, fileStats, isSettled, sameMark } from "./files.ts";

const IGNORE_FILE = ".assetsignore";

/** The files that say how assets are served, and hidden ones, but for those that the Web has a use for (RFC 8615). */
const ALWAYS = [`/${IGNORE_FILE}`, "/_redirects", "/_headers", ".*", "!.well-known"];
/** A worker in the folder is not for everyone to read, unless its user says what is. */
const WITHOUT_IGNORE_FILE = ["/_worker.js"];

export class IgnoreRules {
  readonly #file: string;
  #mark: FileMark | undefined;
  #rules: Ignore | undefined;
  /** Answers of the rules by path. */
  #answers = new Map<string, boolean>();

  constructor(root: string) {
    this.#file = join(root, IGNORE_FILE);
  }

  /** Whether there is a file of them. */
  get exist(): boolean {
    return fileStats(this.#file) !== undefined;
  }

  /** `path` begins with a slash and is that of a file. */
  ignores(path: string): boolean {
    const rules = this.#current();
    let answer = this.#answers.get(path);
    if (answer === undefined) {
      answer = rules.ignores(path.slice(1));
      this.#answers.set(path, answer);
    }
    return answer;
  }

  #current(): Ignore {
    const stats = fileStats(this.#file);
    const isSame =
      stats === undefined
        ? this.#mark === undefined
        : this.#mark !== undefined && sameMark(stats, this.#mark);
    if (this.#rules !== undefined && isSame) return this.#rules;
    const patterns = stats === undefined ? WITHOUT_IGNORE_FILE : this.#read().split("\n");
    // Paths are taken as they are: not every name of a file is a relative path to this library.
    const rules = ignore({ allowRelativePaths: true }).add([...ALWAYS, ...patterns]);
    this.#answers = new Map();
    this.#mark = stats;
    this.#rules = stats === undefined || isSettled(stats) ? rules : undefined;
    return rules;
  }

  #read(): string {
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(this.#file));
      if (!text.includes("\0")) return text;
    } catch {
      // What cannot be read might have kept something from being served.
    }
    throw new UserError(
      "FILE_UNREADABLE",
      `The file ${this.#file} cannot be read as text.`,
      "Save it as UTF-8: without it, files that are to be ignored would be served.",
    );
  }
}
