/** KV namespaces as Miniflare keeps them, into stores of ours. */
import type { Readable } from "node:stream";
import type { Clock } from "../../storage/clock.ts";
import type { WranglerDatabase, WranglerState } from "../../storage/wrangler/state.ts";
import { counted, type ImportCounts } from "../import-counts.ts";
import type { KVEntry, KVPutOptions, KVStore } from "./store.ts";
import { bytesOf, discard } from "./value.ts";

interface Row {
  readonly key: string;
  readonly blob_id: string;
  /** Milliseconds since the epoch. */
  readonly expiration: number | null;
  readonly metadata: string | null;
}

/** Copies every entry that has not expired and is not the same already. */
export function importKV(
  state: WranglerState,
  source: WranglerDatabase,
  target: KVStore,
  clock: Clock,
): Promise<ImportCounts> {
  return state.read(source.file, connection => {
    const rows = connection.prepare<[], Row>("SELECT key, blob_id, expiration, metadata FROM _mf_entries");
    return counted(rows.iterate(), async row => {
      if (row.expiration !== null && row.expiration <= clock.now()) return null;
      const options = {
        expiration: row.expiration === null ? null : Math.ceil(row.expiration / 1000),
        metadata: row.metadata,
      };
      const present = await target.get(row.key);
      const open = () => state.blob(source, row.blob_id);
      if (present !== null && (await isSame(present, options, open))) return "unchanged";
      await target.put(row.key, await open(), options);
      return present === null ? "added" : "replaced";
    });
  });
}

async function isSame(
  present: KVEntry,
  options: KVPutOptions,
  open: () => Promise<Readable>,
): Promise<boolean> {
  if (present.expiration !== options.expiration || present.metadata !== options.metadata) {
    discard(present);
    return false;
  }
  const [mine, theirs] = [await bytesOf(present), await bytesOf({ value: await open() })];
  return mine.equals(theirs);
}
