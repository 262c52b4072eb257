/**
 * Bodies of S3 requests: plain, or in the chunks of `aws-chunked` with checksums behind them
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html). What was claimed about a body is checked
 * while it passes; at its end it fails if it was not so, and then nothing of it is kept.
 */
import { createHash } from "node:crypto";
import { collect } from "../../../storage/collect.ts";
import { type Authentication, sameText } from "./authenticate.ts";
import { readChunks } from "./chunks.ts";
import { type Checksum, Crc32, Crc32c, Crc64Nvme } from "./crc.ts";
import { S3Error } from "./error.ts";
import type { S3Request } from "./request.ts";

const PREFIX = "x-amz-checksum-";

const CHECKSUMS: Readonly<Record<string, () => Checksum>> = {
  crc32: () => new Crc32(),
  crc32c: () => new Crc32c(),
  crc64nvme: () => new Crc64Nvme(),
  sha1: () => hashing("sha1"),
  sha256: () => hashing("sha256"),
};

/** A body whose size is known and whose claims are checked as it is read. */
export interface Payload {
  readonly source: AsyncIterable<Uint8Array>;
  readonly size: number;
  /** The checksum headers to answer with. Known when the source has been read. */
  readonly checksums: Readonly<Record<string, string>>;
}

/** The body of a request. */
export function payloadOf(request: S3Request, authentication: Authentication): Payload {
  const { payloadHash } = authentication;
  const streamed = payloadHash.startsWith("STREAMING-");
  const size = sizeOf(request, streamed);
  const trailer = (request.header("x-amz-trailer") ?? "").trim().toLowerCase();
  const checksums: Record<string, string> = {};
  const checks: Check[] = [];
  for (const [name, make] of Object.entries(CHECKSUMS)) {
    // Not one that a presigned URL has from the time when there was no body yet.
    const value = request.message.headers[PREFIX + name];
    if (value !== undefined || trailer === PREFIX + name)
      checks.push(checksumCheck(name, make(), value as string | undefined, checksums));
  }
  const md5 = request.header("content-md5");
  if (md5 !== undefined) checks.push(md5Check(md5));
  if (/^[0-9a-f]{64}$/.test(payloadHash)) checks.push(payloadCheck(payloadHash));
  const trailers = new Map<string, string>();
  const plain = request.message as AsyncIterable<Uint8Array>;
  const source = streamed ? readChunks(plain, authentication, trailers) : plain;
  return { source: checked(source, size, checks, trailers), size, checksums };
}

/** The whole of a body that is an XML document. */
export async function textOf({ source, size }: Payload, limit: number): Promise<string> {
  if (size > limit) throw new S3Error(400, "MaxMessageLengthExceeded", "Your request was too big.");
  return (await collect(source)).toString("utf8");
}

function sizeOf(request: S3Request, streamed: boolean): number {
  const text = request.header(streamed ? "x-amz-decoded-content-length" : "content-length");
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
  throw new S3Error(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
}

/** Something that is claimed about a body. */
interface Check {
  update(bytes: Uint8Array): void;
  /** Throws when the claim was wrong. */
  finish(trailers: ReadonlyMap<string, string>): void;
}

async function* checked(
  source: AsyncIterable<Uint8Array>,
  size: number,
  checks: readonly Check[],
  trailers: ReadonlyMap<string, string>,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const chunk of source) {
    read += chunk.byteLength;
    if (read > size) break;
    for (const check of checks) check.update(chunk);
    yield chunk;
  }
  if (read !== size) {
    throw new S3Error(
      400,
      "IncompleteBody",
      "You did not provide the number of bytes specified by the Content-Length HTTP header.",
    );
  }
  for (const check of checks) check.finish(trailers);
}

function checksumCheck(
  name: string,
  checksum: Checksum,
  given: string | undefined,
  checksums: Record<string, string>,
): Check {
  const header = PREFIX + name;
  return {
    update: bytes => checksum.update(bytes),
    finish(trailers) {
      const expected = given ?? trailers.get(header);
      const actual = checksum.digest();
      if (expected !== actual) {
        throw new S3Error(
          400,
          "BadDigest",
          `The ${name.toUpperCase()} you specified did not match the calculated checksum.`,
        );
      }
      checksums[header] = actual;
    },
  };
}

function md5Check(expected: string): Check {
  if (Buffer.from(expected, "base64").length !== 16) {
    throw new S3Error(400, "InvalidDigest", "The Content-MD5 you specified is not valid.");
  }
  const md5 = hashing("md5");
  return {
    update: bytes => md5.update(bytes),
    finish() {
      if (md5.digest() !== expected) {
        throw new S3Error(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
      }
    },
  };
}

function payloadCheck(expected: string): Check {
  const sha256 = createHash("sha256");
  return {
    update: bytes => sha256.update(bytes),
    finish() {
      if (!sameText(sha256.digest("hex"), expected)) {
        throw new S3Error(
          400,
          "XAmzContentSHA256Mismatch",
          "The provided 'x-amz-content-sha256' header does not match what was computed.",
        );
      }
    },
  };
}

function hashing(algorithm: string): Checksum {
  const hash = createHash(algorithm);
  return { update: bytes => hash.update(bytes), digest: () => hash.digest("base64") };
}
