/** CopyObject, and the source of UploadPartCopy. */
import type { R2MetadataSettings } from "../bucket.ts";
import { R2Error } from "../errors.ts";
import { conditionOf, discard } from "../http-object.ts";
import type { R2Entry, R2Slice } from "../store.ts";
import { invalidArgument, invalidRequest, S3Error } from "./error.ts";
import { metadataOf, ssecKeyOf, storageClassOf } from "./metadata.ts";
import { type BucketCall, isoTime, type Operation, quoted, sendXml } from "./operation.ts";

const SOURCE_SSEC_PREFIX = "x-amz-copy-source-server-side-encryption-customer-";

export interface CopySource {
  readonly entry: R2Entry;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** The object that `x-amz-copy-source` names, or a part of it. */
export async function openCopySource(call: BucketCall): Promise<CopySource> {
  const { request, buckets } = call;
  const [bucketName, key] = parseSource(request.header("x-amz-copy-source") ?? "");
  const source = buckets.find(({ name }) => name === bucketName);
  if (source === undefined) throw new S3Error(404, "NoSuchBucket", "The specified bucket does not exist.");
  const entry = await source.bucket.get(key, {
    onlyIf: conditionOf(request.message.headers, "x-amz-copy-source-"),
    range: ({ size }) => sourceRange(request.header("x-amz-copy-source-range"), size),
    ssecKey: ssecKeyOf(request, SOURCE_SSEC_PREFIX),
  });
  if (entry === null) throw new R2Error("NoSuchKey");
  if (entry.body === null) throw new R2Error("PreconditionFailed");
  return { entry, body: entry.body as Uint8Array | AsyncIterable<Uint8Array> };
}

export const copyObject: Operation = async call => {
  const { request, target } = call;
  const { entry, body } = await openCopySource(call);
  try {
    const head = await target.bucket.put(request.key, body, {
      ...copiedMetadata(call, entry),
      onlyIf: conditionOf(request.message.headers),
    });
    if (head === null) throw new R2Error("PreconditionFailed");
    sendXml(call, "CopyObjectResult", { ETag: quoted(head.etag), LastModified: isoTime(head.uploaded) });
  } finally {
    discard(entry);
  }
};

/** The source's metadata, or with the directive REPLACE that of the request. */
function copiedMetadata({ request }: BucketCall, { head }: R2Entry): R2MetadataSettings {
  const directive = request.header("x-amz-metadata-directive") ?? "COPY";
  const given = metadataOf(request);
  if (directive === "REPLACE") return given;
  if (directive !== "COPY") throw invalidArgument(`Unknown metadata directive ${directive}`);
  const storageClass = request.header("x-amz-storage-class");
  return {
    httpMetadata: head.httpMetadata,
    customMetadata: head.customMetadata,
    storageClass: storageClass === undefined ? head.storageClass : storageClassOf(storageClass),
    ssecKey: given.ssecKey,
  };
}

/** `/bucket/key`, percent-encoded, with or without the slash in front. */
function parseSource(header: string): readonly [bucket: string, key: string] {
  const [path = "", version] = header.split("?versionId=");
  if (version !== undefined) throw invalidRequest("Versions of objects are not kept.");
  let decoded: string;
  try {
    decoded = decodeURIComponent(path).replace(/^\//, "");
  } catch {
    throw invalidArgument("Copy Source must be URL-encoded");
  }
  const slash = decoded.indexOf("/");
  if (slash <= 0 || slash === decoded.length - 1) {
    throw invalidArgument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  }
  return [decoded.slice(0, slash), decoded.slice(slash + 1)];
}

function sourceRange(header: string | undefined, size: number): R2Slice {
  if (header === undefined) return { offset: 0, length: size };
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  const offset = Number(first);
  const length = Number(last) - offset + 1;
  if (!(length > 0)) {
    throw invalidArgument("The x-amz-copy-source-range value must be of the form bytes=first-last");
  }
  if (offset + length > size) throw new R2Error("InvalidRange");
  return { offset, length };
}
