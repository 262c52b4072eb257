/** Assets in a folder, as it is at the moment of each request. */
import { readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { type FileMark, fileStats, isPlainPath, isSettled, realFile, sameMark } from "./files.ts";
import { FolderAsset, type Kept } from "./folder-asset.ts";
import { IgnoreRules } from "./ignore-rules.ts";
import { assetsMemory } from "./limits.ts";
import type { AssetsSource, RulesFile } from "./source.ts";

export class FolderAssetsSource implements AssetsSource {
  readonly #root: string;
  readonly #ignored: IgnoreRules;
  readonly #assets = new Map<string, FolderAsset>();
  readonly #kept: Kept = { bytes: 0, limit: assetsMemory.keptBytes };
  readonly #rules = new Map<RulesFile, { readonly mark: FileMark; readonly text: string }>();

  /** The folder need not be there yet. */
  constructor(root: string) {
    this.#root = root;
    this.#ignored = new IgnoreRules(root);
  }

  /** A file that was served before costs a look at it and one at `.assetsignore`; its content is kept if it is small. */
  find(path: string): FolderAsset | null {
    if (!isPlainPath(path)) return null;
    const stats = fileStats(this.#root + (sep === "/" ? path : path.replaceAll("/", sep)));
    if (stats === undefined || this.#ignored.ignores(path)) return null;
    const known = this.#assets.get(path);
    if (known?.is(stats)) return known;
    if (known !== undefined) this.#drop(known);
    const real = realFile(this.#root, path);
    if (real === undefined || (real.path !== path && this.#ignored.ignores(real.path))) return null;
    const asset = new FolderAsset(path, real.file, stats, this.#kept);
    this.#keep(asset);
    return asset;
  }

  rules(name: RulesFile): string | null {
    const file = join(this.#root, name);
    const stats = fileStats(file);
    if (stats === undefined) return null;
    const copy = this.#rules.get(name);
    if (copy !== undefined && sameMark(copy.mark, stats)) return copy.text;
    const text = readFileSync(file, "utf8");
    if (isSettled(stats)) this.#rules.set(name, { mark: stats, text });
    else this.#rules.delete(name);
    return text;
  }

  close(): void {
    for (const asset of this.#assets.values()) this.#drop(asset);
  }

  #keep(asset: FolderAsset): void {
    this.#assets.set(asset.path, asset);
    for (const oldest of this.#assets.values()) {
      if (this.#assets.size <= assetsMemory.keptFiles) break;
      this.#drop(oldest);
    }
  }

  #drop(asset: FolderAsset): void {
    asset.forget();
    this.#assets.delete(asset.path);
  }
}
