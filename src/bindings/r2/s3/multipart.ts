/** Operations of the S3 API on multipart uploads. */
import { R2Error } from "../errors.ts";
import { discard } from "../http-object.ts";
import { r2Limits } from "../limits.ts";
import { openCopySource } from "./copy.ts";
import { invalidArgument, S3Error } from "./error.ts";
import { encoderOf, OWNER } from "./listing.ts";
import { metadataOf, s3StorageClass, ssecHeaders, ssecKeyOf } from "./metadata.ts";
import { isoTime, type Operation, quoted, sendEmpty, sendXml } from "./operation.ts";
import { textOf } from "./payload.ts";
import type { S3Request } from "./request.ts";
import { malformedXml, parseXml } from "./xml.ts";

/** Uploads, or parts of one, that are listed at once. */
const MAX_LISTED = 1000;
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export const createMultipartUpload: Operation = async call => {
  const { request, target } = call;
  const UploadId = await target.bucket.createUpload(request.key, metadataOf(request));
  sendXml(call, "InitiateMultipartUploadResult", { Bucket: target.name, Key: request.key, UploadId });
};

export const uploadPart: Operation = async call => {
  const { request, target } = call;
  const number = partNumberOf(request);
  const payload = call.payload();
  const key = ssecKeyOf(request);
  const part = await target.bucket.uploadPart(request.key, uploadIdOf(request), number, payload.source, key);
  sendEmpty(call, 200, { ETag: quoted(part.etag), ...payload.checksums });
};

export const uploadPartCopy: Operation = async call => {
  const { request, target } = call;
  const number = partNumberOf(request);
  const { entry, body } = await openCopySource(call);
  try {
    const part = await target.bucket.uploadPart(
      request.key,
      uploadIdOf(request),
      number,
      body,
      ssecKeyOf(request),
    );
    sendXml(call, "CopyPartResult", { ETag: quoted(part.etag), LastModified: isoTime(part.uploaded) });
  } finally {
    discard(entry);
  }
};

export const completeMultipartUpload: Operation = async call => {
  const { request, target } = call;
  const text = await textOf(call.payload(), MAX_BODY_BYTES);
  const { items } = parseXml(text, "CompleteMultipartUpload", "Part");
  if (items.length === 0) throw malformedXml();
  let previous = 0;
  const parts = items.map(item => {
    const number = Number(item.text("PartNumber"));
    const etag = item
      .text("ETag")
      ?.trim()
      .replace(/^"(.*)"$/, "$1");
    if (!Number.isInteger(number) || etag === undefined) throw malformedXml();
    if (number <= previous) {
      throw new S3Error(
        400,
        "InvalidPartOrder",
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
      );
    }
    previous = number;
    return { number, etag };
  });
  const head = await target.bucket.completeUpload(request.key, uploadIdOf(request), parts);
  sendXml(
    call,
    "CompleteMultipartUploadResult",
    {
      Location: `http://${request.message.headers.host}${request.path}`,
      Bucket: target.name,
      Key: request.key,
      ETag: quoted(head.etag),
    },
    ssecHeaders(head.ssecKeyMd5),
  );
};

export const abortMultipartUpload: Operation = async call => {
  const { request, target } = call;
  await target.bucket.abortUpload(request.key, uploadIdOf(request));
  sendEmpty(call, 204);
};

export const listParts: Operation = async call => {
  const { request, target } = call;
  const UploadId = uploadIdOf(request);
  const marker = request.number("part-number-marker", 0, r2Limits.parts);
  const MaxParts = request.number("max-parts", MAX_LISTED, MAX_LISTED);
  const upload = await target.bucket.getUpload(request.key, UploadId);
  if (upload === null) throw new R2Error("NoSuchUpload");
  const parts = (await target.bucket.listParts(request.key, UploadId)).filter(part => part.number > marker);
  const shown = parts.slice(0, MaxParts);
  sendXml(call, "ListPartsResult", {
    Bucket: target.name,
    Key: encoderOf(request)(request.key),
    UploadId,
    Initiator: OWNER,
    Owner: OWNER,
    StorageClass: s3StorageClass(upload.metadata),
    PartNumberMarker: marker,
    NextPartNumberMarker: shown.at(-1)?.number ?? 0,
    MaxParts,
    IsTruncated: parts.length > shown.length,
    Part: shown.map(part => ({
      PartNumber: part.number,
      LastModified: isoTime(part.uploaded),
      ETag: quoted(part.etag),
      Size: part.size,
    })),
  });
};

export const listMultipartUploads: Operation = async call => {
  const { request, target } = call;
  const encode = encoderOf(request);
  const prefix = request.parameter("prefix") ?? "";
  const MaxUploads = Math.max(1, request.number("max-uploads", MAX_LISTED, MAX_LISTED));
  const KeyMarker = request.parameter("key-marker");
  const UploadIdMarker = request.parameter("upload-id-marker");
  if (request.parameter("delimiter")) throw invalidArgument("Uploads are not listed by a delimiter");
  // Without an id, all uploads of the key are behind the marker.
  const after = KeyMarker === undefined ? null : { key: KeyMarker, uploadId: UploadIdMarker ?? "\u{10ffff}" };
  const uploads = await target.bucket.listUploads({ prefix, limit: MaxUploads + 1, after });
  const shown = uploads.slice(0, MaxUploads);
  const last = uploads.length > shown.length ? shown.at(-1) : undefined;
  sendXml(call, "ListMultipartUploadsResult", {
    Bucket: target.name,
    KeyMarker: encode(KeyMarker ?? ""),
    UploadIdMarker: UploadIdMarker ?? "",
    NextKeyMarker: last && encode(last.key),
    NextUploadIdMarker: last?.uploadId,
    Prefix: encode(prefix),
    EncodingType: request.parameter("encoding-type"),
    MaxUploads,
    IsTruncated: last !== undefined,
    Upload: shown.map(upload => ({
      Key: encode(upload.key),
      UploadId: upload.uploadId,
      Initiator: OWNER,
      Owner: OWNER,
      StorageClass: s3StorageClass(upload.metadata),
      Initiated: isoTime(upload.created),
    })),
  });
};

const uploadIdOf = (request: S3Request): string => request.parameter("uploadId") ?? "";

function partNumberOf(request: S3Request): number {
  const text = request.parameter("partNumber") ?? "";
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= r2Limits.parts) return number;
  throw invalidArgument(`Part number must be an integer between 1 and ${r2Limits.parts}, inclusive`);
}
