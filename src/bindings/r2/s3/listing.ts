/** Operations of the S3 API that list. */
import { r2Limits } from "../limits.ts";
import type { R2Head, R2Page } from "../store.ts";
import { invalidArgument } from "./error.ts";
import { s3StorageClass } from "./metadata.ts";
import { type BucketCall, type Call, isoTime, type Operation, quoted, sendXml } from "./operation.ts";
import type { S3Request } from "./request.ts";
import type { XmlContent } from "./xml.ts";

/** There is one owner here. */
export const OWNER = { ID: "local", DisplayName: "local" };

export function listBuckets(call: Call): void {
  const { buckets } = call;
  // Buckets are those of the configuration, and no moment is known at which they were made.
  const Bucket = buckets.map(({ name }) => ({ Name: name, CreationDate: isoTime(0) }));
  sendXml(call, "ListAllMyBucketsResult", { Owner: OWNER, Buckets: { Bucket } });
}

/** ListObjectsV2, and ListObjects without `list-type=2`. */
export const listObjects: Operation = async call => {
  const { request } = call;
  const version = request.parameter("list-type");
  if (version !== undefined && version !== "2") throw invalidArgument(`Unknown list-type ${version}`);
  const second = version === "2";
  const encode = encoderOf(request);
  const maxKeys = request.number("max-keys", r2Limits.listObjects, r2Limits.listObjects);
  const prefix = request.parameter("prefix") ?? "";
  const delimiter = request.parameter("delimiter") ?? "";
  const after = request.parameter(second ? "start-after" : "marker");
  const token = second ? request.parameter("continuation-token") : undefined;
  const page = await pageOf(call, { maxKeys, prefix, delimiter, after, token });
  const withOwner = !second || request.parameter("fetch-owner") === "true";
  const shared = {
    Name: call.target.name,
    Prefix: encode(prefix),
    Delimiter: delimiter === "" ? undefined : encode(delimiter),
    MaxKeys: maxKeys,
    EncodingType: request.parameter("encoding-type"),
    IsTruncated: page.cursor !== null,
    Contents: page.objects.map(head => contents(head, encode, withOwner)),
    CommonPrefixes: page.prefixes.map(common => ({ Prefix: encode(common) })),
  };
  if (!second) {
    sendXml(call, "ListBucketResult", {
      ...shared,
      Marker: encode(after ?? ""),
      NextMarker: page.cursor === null ? undefined : encode(lastOf(page)),
    });
    return;
  }
  sendXml(call, "ListBucketResult", {
    ...shared,
    KeyCount: page.objects.length + page.prefixes.length,
    StartAfter: after === undefined ? undefined : encode(after),
    ContinuationToken: token,
    NextContinuationToken: page.cursor ?? undefined,
  });
};

async function pageOf(
  { target }: BucketCall,
  options: {
    readonly maxKeys: number;
    readonly prefix: string;
    readonly delimiter: string;
    readonly after: string | undefined;
    readonly token: string | undefined;
  },
): Promise<R2Page> {
  const { maxKeys, prefix, delimiter, after, token } = options;
  if (maxKeys === 0) return { objects: [], prefixes: [], cursor: null };
  // A marker that is a common prefix stands for all behind it.
  const skips =
    after !== undefined && delimiter !== "" && after.endsWith(delimiter) && after.startsWith(prefix);
  const startAfter = skips ? `${after}\u{10ffff}` : after;
  return target.bucket.list({ limit: maxKeys, prefix, delimiter, startAfter, cursor: token });
}

function contents(head: R2Head, encode: (key: string) => string, withOwner: boolean): XmlContent {
  return {
    Key: encode(head.key),
    LastModified: isoTime(head.uploaded),
    ETag: quoted(head.etag),
    Size: head.size,
    Owner: withOwner ? OWNER : undefined,
    StorageClass: s3StorageClass(head),
  };
}

function lastOf({ objects, prefixes }: R2Page): string {
  const key = objects.at(-1)?.key ?? "";
  const prefix = prefixes.at(-1) ?? "";
  return Buffer.compare(Buffer.from(key), Buffer.from(prefix)) < 0 ? prefix : key;
}

/** Keys as the client wants them: as they are, or percent-encoded, which XML can always express. */
export function encoderOf(request: S3Request): (key: string) => string {
  const type = request.parameter("encoding-type");
  if (type === undefined) return key => key;
  if (type !== "url") throw invalidArgument("Invalid Encoding Method specified in Request");
  return key => encodeURIComponent(key).replaceAll("%2F", "/");
}
