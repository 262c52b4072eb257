/** The files of a site as a KV namespace that can be read only. */
import { closeSync, createReadStream } from "node:fs";
import { decodeCursor, encodeCursor } from "../../storage/cursor.ts";
import { openFile } from "../assets/files.ts";
import type { KVEntry, KVListOptions, KVPage, KVStore } from "../kv/store.ts";
import type { SiteFolder } from "./folder.ts";
import type { SiteSettings } from "./settings.ts";

const CHUNK_BYTES = 256 * 1024;

export class SiteStore implements KVStore {
  readonly #settings: SiteSettings;
  #folder: Promise<SiteFolder> | undefined;

  constructor(settings: SiteSettings) {
    this.#settings = settings;
  }

  async get(key: string): Promise<KVEntry | null> {
    const found = (await this.#opened()).find(key);
    const descriptor = found === null ? undefined : openFile(found.file, found.stats);
    if (found === null || descriptor === undefined) return null;
    const { size } = found.stats;
    const nothing = { expiration: null, metadata: null };
    if (size === 0) {
      closeSync(descriptor);
      return { value: new Uint8Array(), size, ...nothing };
    }
    const value = createReadStream("", { fd: descriptor, end: size - 1, highWaterMark: CHUNK_BYTES });
    return { value, size, ...nothing };
  }

  async list({ prefix, limit, cursor }: KVListOptions): Promise<KVPage> {
    const after = cursor === null ? null : decodeCursor("kv", cursor);
    const all = Object.values((await this.#opened()).manifest())
      .filter(key => key.startsWith(prefix))
      .map(key => ({ key, bytes: Buffer.from(key) }))
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes));
    const rest =
      after === null ? all : all.filter(({ bytes }) => Buffer.compare(bytes, Buffer.from(after)) > 0);
    const keys = rest.slice(0, limit).map(({ key }) => ({ name: key, expiration: null, metadata: null }));
    const last = keys.at(-1);
    return { keys, cursor: rest.length > limit && last !== undefined ? encodeCursor("kv", last.name) : null };
  }

  async put(): Promise<void> {
    throw new Error("KV PUT failed: 405 Cannot put() with Workers Sites namespace");
  }

  async delete(): Promise<void> {
    throw new Error("KV DELETE failed: 405 Cannot delete() with Workers Sites namespace");
  }

  async close(): Promise<void> {}

  /** Loaded by the first use: few workers have a site. */
  #opened(): Promise<SiteFolder> {
    this.#folder ??= import("./folder.ts").then(({ SiteFolder }) => new SiteFolder(this.#settings));
    return this.#folder;
  }
}
