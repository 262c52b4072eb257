/** Cloudflare's limits of Workers KV (https://developers.cloudflare.com/kv/platform/limits/). */
export interface KVLimits {
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly metadataBytes: number;
  /** Keys that one `list` may answer with, and the number when none is asked for. */
  readonly listKeys: number;
  /** Keys that one `get` may ask for. */
  readonly bulkKeys: number;
  /** Bytes of all values that one `get` of many keys may answer with. */
  readonly bulkBytes: number;
  readonly minimumTtlSeconds: number;
  readonly minimumCacheTtlSeconds: number;
}

export const kvLimits: KVLimits = {
  keyBytes: 512,
  valueBytes: 25 * 1024 * 1024,
  metadataBytes: 1024,
  listKeys: 1000,
  bulkKeys: 100,
  bulkBytes: 25 * 1024 * 1024,
  minimumTtlSeconds: 60,
  minimumCacheTtlSeconds: 30,
};
