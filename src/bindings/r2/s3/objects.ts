/** Operations of the S3 API on objects. */
import { parseRange } from "../../../web/fetch/byte-range.ts";
import { R2Error } from "../errors.ts";
import {
  conditionOf,
  discard,
  findObject,
  objectHeaders,
  refusalStatus,
  sendObject,
} from "../http-object.ts";
import { metadataOf, s3Headers, ssecHeaders, ssecKeyOf } from "./metadata.ts";
import { type BucketCall, type Operation, quoted, sendEmpty } from "./operation.ts";

/** What a request may have a response's headers be. */
const OVERRIDES = {
  "response-content-type": "Content-Type",
  "response-content-language": "Content-Language",
  "response-content-disposition": "Content-Disposition",
  "response-content-encoding": "Content-Encoding",
  "response-cache-control": "Cache-Control",
  "response-expires": "Expires",
};

/** GetObject and HeadObject. */
export const getObject: Operation = async ({ request, response, target, headers: common }) => {
  const { headers } = request.message;
  // As S3 has it: a Range header that it does not understand is not there.
  const range = parseRange(headers.range ?? "");
  const object = await findObject(target.bucket, request.key, headers, {
    range,
    ssecKey: ssecKeyOf(request),
  });
  if (object === null) throw new R2Error("NoSuchKey");
  const { head, slice } = object.entry;
  const all = {
    ...common,
    "Content-Type": "application/octet-stream",
    ...objectHeaders(head),
    ...s3Headers(head),
    ...overridesOf(request.query),
    ...(object.partial ? {} : checksumHeaders(head.checksums, request.header("x-amz-checksum-mode"))),
  };
  if (slice !== null) return sendObject(request.message, response, object, all);
  discard(object.entry);
  if (refusalStatus(headers, head) === 412) throw new R2Error("PreconditionFailed");
  response.writeHead(304, all).end();
};

export const putObject: Operation = async call => {
  const { request, target } = call;
  const payload = call.payload();
  const head = await target.bucket.put(request.key, payload.source, {
    ...metadataOf(request),
    onlyIf: conditionOf(request.message.headers),
  });
  if (head === null) throw new R2Error("PreconditionFailed");
  sendEmpty(call, 200, { ETag: quoted(head.etag), ...payload.checksums, ...ssecHeaders(head.ssecKeyMd5) });
};

export const deleteObject: Operation = async (call: BucketCall) => {
  await call.target.bucket.delete([call.request.key]);
  sendEmpty(call, 204);
};

function overridesOf(query: readonly (readonly [string, string])[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of query) {
    const header = (OVERRIDES as Readonly<Record<string, string>>)[name];
    if (header !== undefined && /^[\t\x20-\x7e]*$/.test(value)) headers[header] = value;
  }
  return headers;
}

/** Those that the object was put with, for a client that asks for them. */
function checksumHeaders(
  checksums: { readonly sha1?: string; readonly sha256?: string },
  mode: string | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {};
  if (mode?.toUpperCase() !== "ENABLED") return headers;
  for (const name of ["sha1", "sha256"] as const) {
    const hex = checksums[name];
    if (hex !== undefined) headers[`x-amz-checksum-${name}`] = Buffer.from(hex, "hex").toString("base64");
  }
  return headers;
}
