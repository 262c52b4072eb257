/** Assets in memory: for tests, and for what a program makes as it goes. */
import { hash } from "node:crypto";
import { type Asset, AssetChangedError, type AssetsSource, type RulesFile } from "./source.ts";

export class MemoryAssetsSource implements AssetsSource {
  readonly #assets = new Map<string, MemoryAsset>();

  /** `files`: contents by path, `_headers` and `_redirects` among them. */
  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [path, content] of Object.entries(files)) this.set(path, content);
  }

  /** Makes or replaces a file. Its path may begin with a slash. */
  set(path: string, content: string | Uint8Array): void {
    const full = path.startsWith("/") ? path : `/${path}`;
    this.delete(full);
    const bytes = typeof content === "string" ? Buffer.from(content) : new Uint8Array(content);
    this.#assets.set(full, new MemoryAsset(full, bytes));
  }

  delete(path: string): void {
    const full = path.startsWith("/") ? path : `/${path}`;
    this.#assets.get(full)?.retire();
    this.#assets.delete(full);
  }

  find(path: string): Asset | null {
    if (path === "/_headers" || path === "/_redirects") return null;
    return this.#assets.get(path) ?? null;
  }

  rules(name: RulesFile): string | null {
    const asset = this.#assets.get(`/${name}`);
    return asset === undefined ? null : Buffer.from(asset.read(0, asset.size)).toString("utf8");
  }

  close(): void {
    this.#assets.clear();
  }
}

class MemoryAsset implements Asset {
  readonly path: string;
  readonly #bytes: Uint8Array;
  #etag: string | undefined;
  #retired = false;

  constructor(path: string, bytes: Uint8Array) {
    this.path = path;
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.byteLength;
  }

  etag(): string {
    this.#etag ??= hash("sha256", this.#bytes).slice(0, 32);
    return this.#etag;
  }

  read(start: number, end: number): Uint8Array {
    if (this.#retired) throw new AssetChangedError(this.path);
    return this.#bytes.subarray(start, end);
  }

  retire(): void {
    this.#retired = true;
  }
}
