/** The Body mixin (https://fetch.spec.whatwg.org/#body-mixin), a class on workerd. Nothing is made before it is asked for. */
import { notify } from "../../../guest/host.ts";
import { ownedBytes } from "../../../guest/owned-bytes.ts";
import { JSONParse, PromiseThen } from "../../../guest/primordials.ts";
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";
import { type Blob, blobBytes, blobOver, blobText, isBlob } from "../../blob/guest.ts";
import { utf8Decode, utf8Encode } from "../../encoding/guest.ts";
import { mimeTypeOf } from "../../form-data/guest/mime-type.ts";
import { parseFormData } from "../../form-data/guest/parse.ts";
import type { FormData } from "../../form-data/guest.ts";
import { isReadableStream, type ReadableStream } from "../../streams/guest/readable.ts";
import {
  expectedLengthOf,
  isDisturbed,
  isLocked,
  readAllBytes,
  readableFromBytes,
  readableFromHost,
  sendToHost,
  teeForClone,
} from "../../streams/guest/transfer.ts";
import { TransformStream } from "../../streams/guest/transform.ts";
import type { WireBody, WireHeaders } from "../contract.ts";
import { deleteHeader, findHeader, getHeader, setHeader } from "./header-list.ts";
import { type Headers, headersOver } from "./headers.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What a body is read from: text, bytes, a Blob, a stream of the host's by its handle, a stream of the guest's. */
export type BodySource = null | string | Bytes | Blob | number | ReadableStream;

/** What a second use of a body is told. */
export const BODY_USED =
  "Body has already been used. It can only be used once. Use tee() first if you need to read it twice.";
const LOCKED = "This ReadableStream is currently locked to a reader.";

const WITHOUT_BOM = { removeBOM: true };
const ignore = (): void => {};

/** Tells the host that nobody will read this body. */
export function discardWireBody(body: WireBody): void {
  if (typeof body === "number") notify("stream.cancel", body);
}

/** What only Request and Response pass to Body's constructor. */
export const internal = Symbol();

/** Gives a new Request or Response its body and headers. The list is the object's own from now on. */
export let initBody: (
  body: Body,
  source: BodySource,
  headers: WireHeaders,
  immutableHeaders: boolean,
) => void;
export let headerListOf: (body: Body) => WireHeaders;
export let headersOf: (body: Body) => Headers;
export let hasImmutableHeaders: (body: Body) => boolean;
export let hasBody: (body: Body) => boolean;
/** Whether the body can be sent a second time: there is none, or it does not come from a stream. */
export let isReplayable: (body: Body) => boolean;
/** Takes the body away to be sent to the host, and marks it as used. `onFailure` hears why a stream of the worker's failed. */
export let takeForHost: (body: Body, onFailure?: (reason: unknown) => void) => WireBody;
/** The headers to send with what `takeForHost` took: of a stream's length they say what is known, and nothing else. */
export let framedHeaders: (body: Body, headers: WireHeaders) => WireHeaders;
/** What `takeForHost` gave, once more. Only for replayable bodies. */
export let replayForHost: (body: Body) => WireBody;
/** Takes the body away for nobody: its stream is cancelled. */
export let discardBody: (body: Body) => null;
/** Takes the body away for another Request, and marks it as used. */
export let takeSource: (body: Body) => BodySource;
/** A second source with the same content; the body goes on with the other half. */
export let cloneSource: (body: Body) => BodySource;

export abstract class Body {
  #source: BodySource = null;
  /** The stream that a script has seen, or that the body was made from. */
  #stream: ReadableStream | undefined;
  #used = false;
  #list!: WireHeaders;
  #immutableHeaders = false;
  #headers: Headers | undefined;

  static {
    initBody = (body, source, headers, immutableHeaders) => {
      body.#source = source;
      if (isReadableStream(source)) body.#stream = source;
      body.#list = headers;
      body.#immutableHeaders = immutableHeaders;
    };
    headerListOf = body => body.#list;
    headersOf = body => {
      body.#headers ??= headersOver(body.#list, body.#immutableHeaders);
      return body.#headers;
    };
    hasImmutableHeaders = body => body.#immutableHeaders;
    hasBody = body => body.#source !== null;
    isReplayable = body => !isOneTime(body.#source);
    takeForHost = (body, onFailure) => {
      const source = body.#take();
      if (isReadableStream(source)) return sendToHost(source, onFailure);
      return isBlob(source) ? blobBytes(source) : source;
    };
    framedHeaders = (body, headers) => {
      if (body.#stream === undefined || !isOneTime(body.#source)) return headers;
      const framed = headers.slice();
      const length = expectedLengthOf(body.#stream);
      if (length === undefined) deleteHeader(framed, "content-length");
      else setHeader(framed, "Content-Length", String(length));
      return framed;
    };
    replayForHost = body => {
      const source = body.#source;
      return isBlob(source) ? blobBytes(source) : (source as WireBody);
    };
    discardBody = body => {
      const source = body.#take();
      if (typeof source === "number") discardWireBody(source);
      else if (isReadableStream(source)) PromiseThen(source.cancel(), ignore, ignore);
      return null;
    };
    takeSource = body => {
      const source = body.#take();
      if (typeof source === "number") return body.#streamOver(source);
      // The scripts that hold this stream keep it, locked: the content moves on through another.
      return isReadableStream(source) ? source.pipeThrough(new TransformStream()) : source;
    };
    cloneSource = body => body.#clone();
  }

  constructor(token: typeof internal) {
    if (token !== internal) throw illegalConstructor();
  }

  get body(): ReadableStream | null {
    if (!(#source in this)) throw illegalInvocation();
    if (this.#source === null) return null;
    this.#stream ??= this.#used
      ? spend(readableFromBytes(new Uint8Array(0)))
      : this.#streamOver(this.#source);
    return this.#stream;
  }

  get bodyUsed(): boolean {
    if (!(#source in this)) throw illegalInvocation();
    return this.#isUsed();
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    if (!(#source in this)) throw illegalInvocation();
    return ownedBytes(await this.#readBytes()).buffer;
  }

  async blob(): Promise<Blob> {
    if (!(#source in this)) throw illegalInvocation();
    const bytes = await this.#readBytes();
    const type = getHeader(this.#list, "content-type");
    return blobOver(bytes, (type === null ? undefined : mimeTypeOf(type)?.toString()) ?? "");
  }

  async bytes(): Promise<Bytes> {
    if (!(#source in this)) throw illegalInvocation();
    return this.#readBytes();
  }

  async formData(): Promise<FormData> {
    if (!(#source in this)) throw illegalInvocation();
    if (this.#isUsed()) throw new TypeError(BODY_USED);
    const type = getHeader(this.#list, "content-type");
    if (type === null) throw new TypeError("Parsing a Body as FormData requires a Content-Type header.");
    return parseFormData(await this.#readBytes(), type);
  }

  async json(): Promise<unknown> {
    if (!(#source in this)) throw illegalInvocation();
    return JSONParse(await this.#readText());
  }

  async text(): Promise<string> {
    if (!(#source in this)) throw illegalInvocation();
    return this.#readText();
  }

  #isUsed(): boolean {
    return this.#used || (this.#stream !== undefined && isDisturbed(this.#stream));
  }

  /** Marks the body as used, and says what its content is read from. */
  #take(): BodySource {
    if (this.#source === null) return null;
    if (this.#isUsed()) throw new TypeError(BODY_USED);
    if (this.#stream !== undefined && isLocked(this.#stream)) throw new TypeError(LOCKED);
    this.#used = true;
    if (this.#stream === undefined) return this.#source;
    if (isOneTime(this.#source)) return this.#stream;
    spend(this.#stream);
    return this.#source;
  }

  async #readText(): Promise<string> {
    const source = this.#take();
    if (source === null) return "";
    if (typeof source === "string") return source.charCodeAt(0) === 0xfeff ? source.slice(1) : source;
    if (isBlob(source)) return blobText(source);
    return utf8Decode(await this.#contentOf(source), WITHOUT_BOM);
  }

  async #readBytes(): Promise<Bytes> {
    const source = this.#take();
    if (source === null) return new Uint8Array(0);
    if (typeof source === "string") return utf8Encode(source);
    if (isBlob(source)) return blobBytes(source).slice();
    return this.#contentOf(source);
  }

  /** The content of what is neither text nor a Blob. Bytes are the caller's own afterwards. */
  #contentOf(source: Bytes | number | ReadableStream): Bytes | Promise<Bytes> {
    if (source instanceof Uint8Array) return source.slice();
    return readAllBytes(typeof source === "number" ? readableFromHost(source, this.#hostLength()) : source);
  }

  #streamOver(source: Exclude<BodySource, null>): ReadableStream {
    if (typeof source === "number") return readableFromHost(source, this.#hostLength());
    if (isReadableStream(source)) return source;
    if (typeof source === "string") return readableFromBytes(utf8Encode(source));
    return readableFromBytes(isBlob(source) ? blobBytes(source).slice() : source.slice());
  }

  /** The length of a stream of the host's: its headers are those that came with it. */
  #hostLength(): number | undefined {
    const length = getHeader(this.#list, "content-length");
    if (length === null || !/^\d{1,15}$/.test(length) || findHeader(this.#list, "content-encoding") >= 0) {
      return undefined;
    }
    return Number(length);
  }

  #clone(): BodySource {
    if (this.#isUsed()) throw new TypeError(BODY_USED);
    if (this.#stream !== undefined && isLocked(this.#stream)) throw new TypeError(LOCKED);
    if (!isOneTime(this.#source)) return this.#source;
    const stream = this.#stream ?? this.#streamOver(this.#source);
    const [mine, theirs] = teeForClone(stream);
    this.#stream = mine;
    return theirs;
  }
}

exposeInterface(Body, "Body");

/** Whether the content goes by once, so that it must be taken from the stream that a script may have seen. */
const isOneTime = (source: BodySource): source is number | ReadableStream =>
  typeof source === "number" || isReadableStream(source);

/** Leaves a stream as it looks after its body was read by another way: disturbed, locked, at its end. */
function spend(stream: ReadableStream): ReadableStream {
  PromiseThen(stream.getReader().cancel(), ignore, ignore);
  return stream;
}
