/** What an operation of the S3 API is given, and what it answers. */
import type { ServerResponse } from "node:http";
import { sendText } from "../../../send-text.ts";
import type { NamedBucket } from "../buckets.ts";
import type { Payload } from "./payload.ts";
import type { S3Request } from "./request.ts";
import { toXml, type XmlContent } from "./xml.ts";

export interface Call {
  readonly request: S3Request;
  readonly response: ServerResponse;
  /** Of every answer: who may read it. */
  readonly headers: Readonly<Record<string, string>>;
  /** The buckets that the caller may use. */
  readonly buckets: readonly NamedBucket[];
  /** The body. Throws an S3Error when its length is not told. */
  payload(): Payload;
}

/** A call on a bucket, or on an object of it. */
export interface BucketCall extends Call {
  readonly target: NamedBucket;
}

export type Operation = (call: BucketCall) => Promise<void>;

export function sendXml(
  { response, headers }: Pick<Call, "response" | "headers">,
  root: string,
  content: XmlContent,
  more: Readonly<Record<string, string>> = {},
): void {
  const all = { ...headers, ...more, "Content-Type": "application/xml" };
  sendText(response, 200, toXml(root, content), all);
}

export function sendEmpty(
  { response, headers }: Pick<Call, "response" | "headers">,
  status: number,
  more: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...headers, ...more, ...(status === 204 ? {} : { "Content-Length": "0" }) });
  response.end();
}

export const quoted = (etag: string): string => `"${etag}"`;

export const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();
