/** Saved states: a folder each, beside the state folder. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { hasErrno, UserError } from "../../errors.ts";
import { isFileName } from "../paths.ts";

const MANIFEST = "saved.json";
const CONTENT = "state";
const FORMAT = 1;
const LONGEST_NAME = 64;

/** What is known of a saved state. */
export interface SavedState {
  readonly name: string;
  /** When it was saved, in milliseconds since the epoch. */
  readonly savedAt: number;
  readonly bytes: number;
  readonly databases: number;
}

/** Where saved states of a state folder are: `saved` beside `.worker/state`, `<dir>.saved` beside another one. */
export function savedFolder(stateDir: string): string {
  return basename(stateDir) === "state" ? join(dirname(stateDir), "saved") : `${stateDir}.saved`;
}

/** The folder of one. Throws where the name cannot be that of a folder everywhere. */
export function savedPath(stateDir: string, name: string): string {
  if (name.length > LONGEST_NAME || !isFileName(name)) {
    throw new UserError(
      "USAGE",
      `"${name}" cannot be the name of a saved state.`,
      `A name is lower-case letters and digits with ".", "_" and "-" between them, ${LONGEST_NAME} at most: "seed", "v1.2".`,
    );
  }
  return join(savedFolder(stateDir), name);
}

/** The state folder inside a saved state's. */
export function contentOf(savedDir: string): string {
  return join(savedDir, CONTENT);
}

/** What is known of a saved state; throws where there is none of that name, or one of a newer version. */
export async function readSaved(stateDir: string, name: string): Promise<SavedState> {
  const path = savedPath(stateDir, name);
  const found = await readManifest(path, name);
  if (found !== undefined) return found;
  const names = (await listSaved(stateDir)).map(saved => saved.name);
  throw new UserError(
    "STATE_NOT_FOUND",
    `There is no saved state "${name}" in ${savedFolder(stateDir)}.`,
    names.length === 0 ? `Save one: worker state save ${name}` : `There is: ${names.join(", ")}.`,
  );
}

/** All saved states, by name. */
export async function listSaved(stateDir: string): Promise<readonly SavedState[]> {
  const folder = savedFolder(stateDir);
  const names = await readdir(folder).catch((error: unknown) => {
    if (hasErrno(error, "ENOENT")) return [];
    throw error;
  });
  const all = names
    .filter(isFileName)
    .sort()
    .map(name => readManifest(join(folder, name), name));
  return (await Promise.all(all)).filter(saved => saved !== undefined);
}

/** Makes a saved state: `fill` fills its state folder. It appears, or takes the place of an older one, when that is done. */
export async function makeSaved(
  stateDir: string,
  name: string,
  savedAt: number,
  fill: (content: string) => Promise<Pick<SavedState, "bytes" | "databases">>,
): Promise<SavedState> {
  const path = savedPath(stateDir, name);
  const building = join(dirname(path), `.${name}.${process.pid}.new`);
  const replaced = join(dirname(path), `.${name}.${process.pid}.old`);
  try {
    await rm(building, { recursive: true, force: true });
    await mkdir(contentOf(building), { recursive: true });
    const contents = await fill(contentOf(building));
    const manifest = { format: FORMAT, savedAt: new Date(savedAt).toISOString(), ...contents };
    await writeFile(join(building, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    await rename(path, replaced).catch((error: unknown) => {
      if (!hasErrno(error, "ENOENT")) throw error;
    });
    await rename(building, path);
    return { name, savedAt, ...contents };
  } finally {
    await rm(building, { recursive: true, force: true });
    await rm(replaced, { recursive: true, force: true });
  }
}

export async function removeSaved(stateDir: string, name: string): Promise<void> {
  await readSaved(stateDir, name);
  await rm(savedPath(stateDir, name), { recursive: true });
}

async function readManifest(path: string, name: string): Promise<SavedState | undefined> {
  let text: string;
  try {
    text = await readFile(join(path, MANIFEST), "utf8");
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
  const { format, savedAt, bytes, databases } = parse(path, text);
  if (format > FORMAT) {
    throw new UserError(
      "STATE_DAMAGED",
      `The saved state ${path} was written by a newer version of worker.`,
      "Update worker, or save the state again.",
    );
  }
  return { name, savedAt: Date.parse(savedAt), bytes, databases };
}

function parse(path: string, text: string) {
  try {
    return JSON.parse(text) as { format: number; savedAt: string; bytes: number; databases: number };
  } catch (error) {
    throw new UserError(
      "STATE_DAMAGED",
      `The saved state ${path} is damaged: its ${MANIFEST} is not JSON.`,
      "Take the folder from a copy, or save the state again.",
      { cause: error },
    );
  }
}
