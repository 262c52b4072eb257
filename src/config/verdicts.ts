/**
 * What was found out about a configuration file, kept on disk: a file that was checked and had nothing wrong with it needs
 * no parser and no schema the next time, which is most of what a short command would wait for.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { digest } from "../digest.ts";
import { writeEntry } from "./entries.ts";
import type { RawConfig } from "./schema.ts";
import type { BindingConfig } from "./slice.ts";

export interface Verdict {
  /** The environment applied, every key checked. */
  readonly raw: RawConfig;
  readonly crons: readonly string[];
  /** Those of the file: secrets are read anew each time. */
  readonly bindings: readonly BindingConfig[];
}

/** Changes when the meaning of an entry changes. */
const FORMAT = 2;

/** Where the verdict on this question is, if there is one. The question is everything that the answer depends on. */
export function verdictPath(cacheDir: string, ...question: readonly unknown[]): string {
  const self = statSync(fileURLToPath(import.meta.url));
  const key = digest(JSON.stringify([FORMAT, self.mtimeMs, self.size, ...question]));
  return join(cacheDir, `${key}.config`);
}

export function readVerdict(path: string): Verdict | undefined {
  try {
    const text = readFileSync(path, "utf8");
    const end = text.indexOf("\n");
    const body = text.slice(end + 1);
    return digest(body) === text.slice(0, end) ? (JSON.parse(body) as Verdict) : undefined;
  } catch {
    // Absent or damaged: both mean that the file is checked again.
    return undefined;
  }
}

export function writeVerdict(path: string, verdict: Verdict): void {
  const body = JSON.stringify(verdict);
  writeEntry(path, `${digest(body)}\n${body}`);
}
