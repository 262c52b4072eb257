/** Cache entries: files of one folder, each written whole or not at all, the oldest going first. */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";

/** Entries kept of one kind. */
const MOST_ENTRIES = 64;

/** Writes an entry. A folder that cannot be written costs time, and nothing else. */
export function writeEntry(path: string, content: string | Uint8Array): void {
  const folder = dirname(path);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(temporary, content, { mode: 0o600 });
    renameSync(temporary, path);
    prune(folder, extname(path));
  } catch {
    remove(temporary);
  }
}

function prune(folder: string, extension: string): void {
  // What a process that was killed had begun ends in .tmp.
  const entries = readdirSync(folder).filter(name => name.endsWith(extension) || name.endsWith(".tmp"));
  if (entries.length <= MOST_ENTRIES) return;
  const byAge = entries
    .map(name => join(folder, name))
    .map(path => ({ path, time: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.time - a.time);
  for (const { path } of byAge.slice(MOST_ENTRIES)) remove(path);
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It was never there.
  }
}
