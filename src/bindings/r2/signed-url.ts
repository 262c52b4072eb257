/** URLs that may be handed on. */
import type { R2Descriptor } from "./host.ts";
import { amzDate, presignQuery } from "./s3/sigv4.ts";
import { publicPath, s3Path } from "./urls.ts";

/** What signs requests to any bucket here: no secret, since the server is for this machine only. */
export const LOCAL_CREDENTIALS = {
  accessKeyId: "workerlocal",
  secretAccessKey: "workerlocalsecret",
} as const;

export interface SignedUrlOptions {
  readonly origin: string;
  readonly key: string;
  readonly method: string;
  readonly seconds: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A presigned URL: for reading at the public endpoint, for writing at the S3 endpoint. */
export function signedUrl(
  { id, name, s3Credentials }: R2Descriptor,
  { origin, key, method, seconds, now }: SignedUrlOptions,
): string {
  const reads = method === "GET" || method === "HEAD";
  const path = (reads ? publicPath : s3Path)(id ?? name, key);
  const query = presignQuery({
    credentials: s3Credentials ?? LOCAL_CREDENTIALS,
    method,
    path,
    host: new URL(origin).host,
    date: amzDate(now),
    seconds,
  });
  return `${origin}${path}?${query}`;
}
