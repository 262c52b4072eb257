import { createHash, hash } from "node:crypto";
import { closeSync, createReadStream, readSync } from "node:fs";
import type { Readable } from "node:stream";
import { type FileMark, isSettled, openFile, sameMark } from "./files.ts";
import { assetsLimits, assetsMemory } from "./limits.ts";
import { type Asset, AssetChangedError } from "./source.ts";

/** The memory that the assets of one folder share for contents. */
export interface Kept {
  bytes: number;
  readonly limit: number;
}

const TAG_LENGTH = 32;

/** A file as it was when it was looked at. */
export class FolderAsset implements Asset {
  readonly path: string;
  readonly #file: string;
  readonly #mark: FileMark;
  readonly #kept: Kept;
  #bytes: Buffer | undefined;
  #tag: string | Promise<string> | undefined;

  /** `file`: where it really is, links followed. */
  constructor(path: string, file: string, { dev, ino, size, mtimeMs, ctimeMs }: FileMark, kept: Kept) {
    this.path = path;
    this.#file = file;
    this.#mark = { dev, ino, size, mtimeMs, ctimeMs };
    this.#kept = kept;
  }

  get size(): number {
    return this.#mark.size;
  }

  /** Whether that is what the file is now. */
  is(mark: FileMark): boolean {
    return sameMark(this.#mark, mark);
  }

  etag(): string | Promise<string> {
    if (this.#tag !== undefined) return this.#tag;
    if (this.size <= assetsMemory.wholeBytes) {
      const tag = hash("sha256", this.#whole()).slice(0, TAG_LENGTH);
      if (isSettled(this.#mark)) this.#tag = tag;
      return tag;
    }
    const tag = this.size > assetsLimits.fileBytes ? this.#tagOfMark() : this.#tagOfContent();
    this.#tag = tag;
    return tag;
  }

  read(start: number, end: number): Uint8Array | Readable {
    if (this.size <= assetsMemory.wholeBytes) {
      const bytes = this.#whole();
      return start === 0 && end === bytes.byteLength ? bytes : bytes.subarray(start, end);
    }
    return createReadStream("", {
      fd: this.#open(),
      start,
      end: end - 1,
      highWaterMark: assetsMemory.chunkBytes,
    });
  }

  /** Lets go of the content. */
  forget(): void {
    if (this.#bytes !== undefined) this.#kept.bytes -= this.#bytes.byteLength;
    this.#bytes = undefined;
  }

  #whole(): Buffer {
    if (this.#bytes !== undefined) return this.#bytes;
    const descriptor = this.#open();
    const bytes = Buffer.alloc(this.size);
    try {
      for (let at = 0; at < bytes.length; ) {
        const read = readSync(descriptor, bytes, at, bytes.length - at, at);
        if (read === 0) throw new AssetChangedError(this.path);
        at += read;
      }
    } finally {
      closeSync(descriptor);
    }
    if (isSettled(this.#mark) && this.#kept.bytes + bytes.byteLength <= this.#kept.limit) {
      this.#bytes = bytes;
      this.#kept.bytes += bytes.byteLength;
    }
    return bytes;
  }

  #open(): number {
    const descriptor = openFile(this.#file, this.#mark);
    if (descriptor === undefined) throw new AssetChangedError(this.path);
    return descriptor;
  }

  /** A file that no deployment takes is too large to be read once for its tag alone. */
  #tagOfMark(): string {
    return hash("sha256", JSON.stringify(this.#mark)).slice(0, TAG_LENGTH);
  }

  async #tagOfContent(): Promise<string> {
    try {
      const hasher = createHash("sha256");
      for await (const chunk of this.read(0, this.size) as Readable) hasher.update(chunk as Buffer);
      const tag = hasher.digest("hex").slice(0, TAG_LENGTH);
      this.#tag = isSettled(this.#mark) ? tag : undefined;
      return tag;
    } catch (error) {
      this.#tag = undefined;
      throw error;
    }
  }
}
