/** The files of a site, and the keys that they are kept under. */
import { hash } from "node:crypto";
import { readdirSync, type Stats } from "node:fs";
import { join } from "node:path";
import ignore from "ignore";
import { fileStats, isPlainPath, realFile } from "../assets/files.ts";
import type { SiteSettings } from "./settings.ts";

/** As wrangler: installed packages and hidden files are no part of a site. */
const NEVER = ["node_modules", ".*", "!.well-known"];

/** What a key has before its extension: it changes with the file, so that a copy in a cache is of this very content. */
const HASH_LENGTH = 10;
const HASHED_KEY = /^(.*)\.[0-9a-f]{10}(\.[^./]*)?$/s;

export interface SiteFile {
  /** Where it really is, links followed. */
  readonly file: string;
  readonly stats: Stats;
}

export class SiteFolder {
  readonly #root: string;
  readonly #includes: (path: string) => boolean;
  readonly #excludes: (path: string) => boolean;

  constructor({ directory, include, exclude }: SiteSettings) {
    this.#root = directory;
    const included = ignore({ allowRelativePaths: true }).add([...include]);
    const excluded = ignore({ allowRelativePaths: true }).add([...NEVER, ...exclude]);
    this.#includes = path => include.length === 0 || included.ignores(path);
    this.#excludes = path => excluded.ignores(path);
  }

  /** The file of a key of the manifest, or of a path as it is; null where there is none. */
  find(key: string): SiteFile | null {
    const [, base, extension = ""] = HASHED_KEY.exec(key) ?? [];
    return this.#file(key) ?? (base === undefined ? null : this.#file(base + extension));
  }

  /** The keys by path. */
  manifest(): Readonly<Record<string, string>> {
    const entries = this.#paths()
      .sort()
      .flatMap(path => {
        const found = this.#file(path);
        return found === null ? [] : [[path, keyOf(path, found.stats)] as const];
      });
    return Object.fromEntries(entries);
  }

  #file(path: string): SiteFile | null {
    if (!isPlainPath(`/${path}`) || !this.#includes(path) || this.#excludes(path)) return null;
    const stats = fileStats(join(this.#root, path));
    const real = stats && realFile(this.#root, `/${path}`);
    return stats === undefined || real === undefined ? null : { file: real.file, stats };
  }

  #paths(): string[] {
    const paths: string[] = [];
    const folders = [""];
    for (const folder of folders) {
      for (const entry of entriesOf(join(this.#root, folder))) {
        const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
        if (!entry.isDirectory()) paths.push(path);
        else if (!this.#excludes(`${path}/`)) folders.push(path);
      }
    }
    return paths;
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Not there yet, or no longer.
    return [];
  }
}

/** `css/main.0123456789.css` */
function keyOf(path: string, { size, mtimeMs, ino }: Stats): string {
  const digest = hash("sha256", JSON.stringify([path, size, mtimeMs, ino])).slice(0, HASH_LENGTH);
  const [, base = path, extension = ""] = /^(.*[^/])(\.[^./]*)$/s.exec(path) ?? [];
  return `${base}.${digest}${extension}`;
}

/** The key of each path, as JSON. */
export function manifestOf(site: SiteSettings): string {
  return JSON.stringify(new SiteFolder(site).manifest());
}
