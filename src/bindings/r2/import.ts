/** R2 buckets as Miniflare keeps them, into stores of ours. */
import { isDeepStrictEqual } from "node:util";
import type { WranglerDatabase, WranglerState } from "../../storage/wrangler/state.ts";
import { counted, type ImportCounts } from "../import-counts.ts";
import type { R2Checksums, R2Head, R2HttpMetadata, R2Metadata, R2Store } from "./store.ts";

interface ObjectRow {
  readonly key: string;
  /** Null for an object of parts. */
  readonly blob_id: string | null;
  readonly size: number;
  readonly etag: string;
  readonly checksums: string;
  readonly http_metadata: string;
  readonly custom_metadata: string;
}

interface PartRow {
  readonly part_number: number;
  readonly blob_id: string;
}

/** Copies every object that is not the same already. It gets a version and a time of its own. */
export function importR2(
  state: WranglerState,
  source: WranglerDatabase,
  target: R2Store,
): Promise<ImportCounts> {
  return state.read(source.file, async connection => {
    const objects = connection.prepare<[], ObjectRow>("SELECT * FROM _mf_objects");
    const parts = connection.prepare<[string], PartRow>(
      "SELECT part_number, blob_id FROM _mf_multipart_parts WHERE object_key = ? ORDER BY part_number",
    );
    const counts = await counted(objects.iterate(), async row => {
      const metadata = metadataOf(row);
      const present = await target.head(row.key);
      if (present !== null && isSame(present, row, metadata)) return "unchanged";
      if (row.blob_id !== null) {
        const checksums = JSON.parse(row.checksums) as R2Checksums;
        const value = await state.blob(source, row.blob_id);
        await target.put(row.key, value, { ...metadata, checksums, onlyIf: () => true });
      } else {
        const upload = await target.createUpload(row.key, metadata);
        for (const { part_number, blob_id } of parts.all(row.key)) {
          await target.putPart(row.key, upload, part_number, await state.blob(source, blob_id));
        }
        await target.completeUpload(row.key, upload, all => all.toSorted((a, b) => a.number - b.number));
      }
      return present === null ? "added" : "replaced";
    });
    const unfinished = connection
      .prepare<[], number>("SELECT count(*) FROM _mf_multipart_uploads WHERE state = 0")
      .pluck()
      .get();
    return unfinished ? { ...counts, leftOut: `${unfinished} unfinished multipart uploads` } : counts;
  });
}

function metadataOf(row: ObjectRow): R2Metadata {
  return {
    httpMetadata: JSON.parse(row.http_metadata) as R2HttpMetadata,
    customMetadata: Object.entries(JSON.parse(row.custom_metadata) as Record<string, string>),
    storageClass: "Standard",
    ssecKeyMd5: null,
  };
}

function isSame(head: R2Head, row: ObjectRow, { httpMetadata, customMetadata }: R2Metadata): boolean {
  return (
    head.etag === row.etag &&
    head.size === row.size &&
    isDeepStrictEqual(head.httpMetadata, httpMetadata) &&
    isDeepStrictEqual(head.customMetadata, customMetadata)
  );
}
