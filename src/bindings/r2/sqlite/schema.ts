/** The database of a bucket. */
import type { R2ChecksumName, R2CustomMetadata, R2Head, R2HttpMetadata, R2Metadata } from "../store.ts";

/**
 * An object's value is in its row, in the file `blob`, or, where both are NULL, in the files of `object_parts` under its
 * version. `value` comes last, so that a list does not read the pages that long values overflow to.
 */
export const MIGRATIONS = [
  `CREATE TABLE objects (
    key TEXT NOT NULL PRIMARY KEY,
    version TEXT NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    uploaded INTEGER NOT NULL,
    checksums TEXT NOT NULL,
    http_metadata TEXT NOT NULL,
    custom_metadata TEXT NOT NULL,
    storage_class TEXT NOT NULL,
    ssec_key_md5 TEXT,
    blob TEXT,
    value BLOB,
    CHECK (blob IS NULL OR value IS NULL)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX object_blobs ON objects (blob) WHERE blob IS NOT NULL;

  CREATE TABLE object_parts (
    version TEXT NOT NULL,
    position INTEGER NOT NULL,
    size INTEGER NOT NULL,
    blob TEXT NOT NULL,
    PRIMARY KEY (version, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX object_part_blobs ON object_parts (blob);

  CREATE TABLE uploads (
    key TEXT NOT NULL,
    id TEXT NOT NULL,
    created INTEGER NOT NULL,
    over INTEGER NOT NULL DEFAULT 0,
    metadata TEXT NOT NULL,
    PRIMARY KEY (key, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX uploads_by_age ON uploads (created);

  CREATE TABLE upload_parts (
    upload TEXT NOT NULL,
    number INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    uploaded INTEGER NOT NULL,
    blob TEXT NOT NULL,
    PRIMARY KEY (upload, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX upload_part_blobs ON upload_parts (blob);`,
];

export interface HeadRow {
  key: string;
  version: string;
  size: number;
  etag: string;
  uploaded: number;
  checksums: string;
  http_metadata: string;
  custom_metadata: string;
  storage_class: string;
  ssec_key_md5: string | null;
}

export interface ObjectRow extends HeadRow {
  blob: string | null;
  value: Buffer | null;
}

export const HEAD_COLUMNS =
  "key, version, size, etag, uploaded, checksums, http_metadata, custom_metadata, storage_class, ssec_key_md5";

export function headOf(row: HeadRow): R2Head {
  return {
    key: row.key,
    version: row.version,
    size: row.size,
    etag: row.etag,
    uploaded: row.uploaded,
    checksums: JSON.parse(row.checksums) as { [Name in R2ChecksumName]?: string },
    httpMetadata: JSON.parse(row.http_metadata) as R2HttpMetadata,
    customMetadata: JSON.parse(row.custom_metadata) as R2CustomMetadata,
    storageClass: row.storage_class as R2Metadata["storageClass"],
    ssecKeyMd5: row.ssec_key_md5,
  };
}
