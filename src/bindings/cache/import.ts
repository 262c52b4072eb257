/** Caches as Miniflare keeps them, into ours. */
import type { WranglerDatabase, WranglerState } from "../../storage/wrangler/state.ts";
import { counted, type ImportCounts } from "../import-counts.ts";
import type { CacheHost } from "./host.ts";

interface Row {
  readonly key: string;
  readonly blob_id: string;
  readonly metadata: string;
}

interface Metadata {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Copies every response that is still fresh and is not there already. */
export function importCache(
  state: WranglerState,
  source: WranglerDatabase,
  target: CacheHost,
): Promise<ImportCounts> {
  const cache = source.name === "default" ? null : decodeURIComponent(source.name.replace(/^named:/, ""));
  return state.read(source.file, connection => {
    const rows = connection.prepare<[], Row>("SELECT key, blob_id, metadata FROM _mf_entries");
    return counted(rows.iterate(), async row => {
      const present = await target.match(cache, row.key, []);
      if (present !== null) {
        if (present.body !== null && "destroy" in present.body) present.body.destroy();
        return "unchanged";
      }
      const { status, headers } = JSON.parse(row.metadata) as Metadata;
      const candidate = { request: [], status, headers: headers.flat() };
      return (await target.put(cache, row.key, candidate, await state.blob(source, row.blob_id)))
        ? "added"
        : null;
    });
  });
}
