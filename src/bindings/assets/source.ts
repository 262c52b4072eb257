import type { Readable } from "node:stream";

/** Where assets come from: a folder, or memory. Any other store of files can stand in their place. */
export interface AssetsSource {
  /**
   * The asset whose path this is, letter for letter; null where there is none. Paths begin with a slash and are decoded:
   * any character may be in them, also what would lead out of a folder.
   */
  find(path: string): Asset | null | Promise<Asset | null>;

  /** The text of `_headers` or `_redirects` as it is now; null where there is none. Equal texts are not parsed again. */
  rules(name: RulesFile): string | null | Promise<string | null>;

  close(): void | Promise<void>;
}

export type RulesFile = "_headers" | "_redirects";

/** One asset. What is found twice for one path and has not changed is one object. */
export interface Asset {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Opaque, without quotes, and another one for another content. */
  etag(): string | Promise<string>;
  /**
   * The bytes from `start` on, up to `end` (exclusive). Rejects with an `AssetChangedError` when they are no longer
   * those that `size` and `etag` speak of.
   */
  read(start: number, end: number): Uint8Array | Readable | Promise<Uint8Array | Readable>;
}

/** The asset was written to since it was found: it must be looked for again. */
export class AssetChangedError extends Error {
  constructor(path: string) {
    super(`The asset ${path} has changed while it was read.`);
  }
}
