/** Files of a folder that strangers name: which of them are there, and whether they are still the same. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
import { join, sep } from "node:path";
import { hasErrno, UserError } from "../../errors.ts";

/** Clocks of file systems are coarse: a write this shortly after another may bear the same time. */
const COARSE_MS = 20;
const VERY_COARSE_MS = 2_100;

/** What tells a file apart from what it was before it was written to, and from another one in its place. */
export interface FileMark {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

export function sameMark(a: FileMark, b: FileMark): boolean {
  return (
    a.ino === b.ino &&
    a.mtimeMs === b.mtimeMs &&
    a.size === b.size &&
    a.ctimeMs === b.ctimeMs &&
    a.dev === b.dev
  );
}

/** Whether the next write is sure to change the mark. */
export function isSettled({ mtimeMs, ctimeMs }: FileMark): boolean {
  const newest = Math.max(mtimeMs, ctimeMs);
  return Date.now() - newest > (newest % 1000 === 0 ? VERY_COARSE_MS : COARSE_MS);
}

/** The mark of a regular file; undefined where there is none, or something else: a folder, a pipe, a device. */
export function fileStats(file: string): Stats | undefined {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats?.isFile() === true ? stats : undefined;
  } catch {
    // A name that is too long, links in a circle, a folder that may not be looked into.
    return undefined;
  }
}

const UNSAFE = sep === "/" ? /[\0\\]|\/\.{0,2}(?:\/|$)/ : /[\0\\:]|\/\.{0,2}(?:\/|$)/;

/** Whether a decoded path of a URL can name a file: it begins with a slash and every segment is a plain name. */
export const isPlainPath = (path: string) => path.startsWith("/") && !UNSAFE.test(path);

/**
 * Where the file behind a path of the folder really is. Undefined where links lead out of the folder, and where the path is
 * spelled otherwise than the file, which some file systems take for the same.
 */
export function realFile(
  root: string,
  path: string,
): { readonly file: string; readonly path: string } | undefined {
  try {
    const realRoot = realpathSync.native(root);
    const prefix = realRoot.endsWith(sep) ? realRoot : realRoot + sep;
    const names = path.split("/").slice(1);
    const file = realpathSync.native(join(root, ...names));
    if (file === prefix + names.join(sep)) return { file, path };
    if (!file.startsWith(prefix)) return undefined;
    let folder = root;
    for (const name of names) {
      if (!readdirSync(folder).includes(name)) return undefined;
      folder = join(folder, name);
    }
    return { file, path: `/${file.slice(prefix.length).replaceAll(sep, "/")}` };
  } catch {
    // It has gone meanwhile.
    return undefined;
  }
}

/** Opens a file where it really is. Undefined where something else is there by now. */
export function openFile(file: string, mark: FileMark): number | undefined {
  // A pipe in its place must not make this wait for a writer.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);
  let descriptor: number;
  try {
    descriptor = openSync(file, flags);
  } catch (error) {
    if (hasErrno(error, "EACCES", "EPERM")) {
      throw new UserError(
        "FILE_UNREADABLE",
        `The asset ${file} cannot be read: permission denied.`,
        "Let the user that runs this program read it, or name it in .assetsignore.",
      );
    }
    return undefined;
  }
  const stats = fstatSync(descriptor);
  if (stats.isFile() && sameMark(stats, mark)) return descriptor;
  closeSync(descriptor);
  return undefined;
}
