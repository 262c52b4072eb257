/** Reads a body in `aws-chunked` encoding, and checks the signatures of its chunks where it has them. */
import { createHash } from "node:crypto";
import { type Authentication, sameText } from "./authenticate.ts";
import { S3Error } from "./error.ts";
import { chunkSignature, scopeText, sha256 } from "./sigv4.ts";

const MAX_LINE_BYTES = 4096;
const MAX_TRAILERS = 16;
const EMPTY_SHA256 = sha256("");

const MODES: Readonly<Record<string, { readonly signed: boolean; readonly trailer: boolean }>> = {
  "STREAMING-UNSIGNED-PAYLOAD-TRAILER": { signed: false, trailer: true },
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": { signed: true, trailer: false },
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": { signed: true, trailer: true },
};

/** Gives the bytes of the chunks. What stands behind them is in `trailers` at the end. */
export async function* readChunks(
  source: AsyncIterable<Uint8Array>,
  authentication: Authentication,
  trailers: Map<string, string>,
): AsyncGenerator<Uint8Array> {
  const mode = MODES[authentication.payloadHash];
  if (mode === undefined) {
    throw new S3Error(501, "NotImplemented", `The payload ${authentication.payloadHash} is not implemented`);
  }
  const reader = new LineReader(source);
  const signatures = mode.signed ? new ChunkSignatures(authentication) : undefined;
  for (;;) {
    const [, digits = "", signature] =
      /^([0-9a-f]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(await reader.line()) ?? malformed();
    const size = Number.parseInt(digits, 16);
    const hash = createHash("sha256");
    for await (const bytes of reader.bytes(size)) {
      if (mode.signed) hash.update(bytes);
      yield bytes;
    }
    signatures?.checkChunk(hash.digest("hex"), signature);
    if (size === 0) break;
    if ((await reader.line()) !== "") malformed();
  }
  await readTrailers(reader, trailers, signatures);
  await reader.drain();
}

async function readTrailers(
  reader: LineReader,
  trailers: Map<string, string>,
  signatures: ChunkSignatures | undefined,
): Promise<void> {
  let text = "";
  for (let count = 0; ; count++) {
    const line = await reader.line();
    if (line === "") break;
    const [, name = "", value = ""] = /^([\w-]+):\s*(.*?)\s*$/.exec(line) ?? malformed();
    if (count === MAX_TRAILERS) malformed();
    if (name.toLowerCase() === "x-amz-trailer-signature") {
      signatures?.checkTrailer(text, value);
      continue;
    }
    trailers.set(name.toLowerCase(), value);
    text += `${name.toLowerCase()}:${value}\n`;
  }
}

/** Each signature continues the one before, and the first that of the request. */
class ChunkSignatures {
  readonly #authentication: Authentication;
  #previous: string;

  constructor(authentication: Authentication) {
    this.#authentication = authentication;
    this.#previous = authentication.signature;
  }

  checkChunk(hash: string, signature: string | undefined): void {
    this.#check("PAYLOAD", [EMPTY_SHA256, hash], signature);
  }

  checkTrailer(text: string, signature: string): void {
    this.#check("TRAILER", [sha256(text)], signature);
  }

  #check(kind: "PAYLOAD" | "TRAILER", hashes: readonly string[], signature: string | undefined): void {
    const { key, date, scope } = this.#authentication;
    const expected = chunkSignature(key, kind, [date, scopeText(scope), this.#previous, ...hashes]);
    if (signature === undefined || !sameText(signature, expected)) {
      throw new S3Error(
        403,
        "SignatureDoesNotMatch",
        "The signature of a chunk that we calculated does not match the one you provided.",
      );
    }
    this.#previous = expected;
  }
}

/** Reads lines and counted bytes by turns. */
class LineReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  /** The next line, without its end. At the end of the body there is an empty one. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf("\r\n");
      if (end >= 0) {
        const line = this.#rest.subarray(0, end).toString("latin1");
        this.#rest = this.#rest.subarray(end + 2);
        return line;
      }
      if (this.#rest.length > MAX_LINE_BYTES) malformed();
      const more = await this.#next();
      if (more === undefined) {
        if (this.#rest.length > 0) malformed();
        return "";
      }
      this.#rest = Buffer.concat([this.#rest, more]);
    }
  }

  async *bytes(size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; ) {
      if (this.#rest.length === 0) this.#rest = (await this.#next()) ?? malformed();
      const bytes = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(bytes.length);
      left -= bytes.length;
      yield bytes;
    }
  }

  async drain(): Promise<void> {
    if (this.#rest.length > 0 || (await this.#next()) !== undefined) malformed();
  }

  async #next(): Promise<Buffer | undefined> {
    const next = await this.#iterator.next();
    if (next.done) return undefined;
    return Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
  }
}

function malformed(): never {
  throw new S3Error(400, "IncompleteBody", "The request body is not in the aws-chunked encoding.");
}
