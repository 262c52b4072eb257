/** Blob and File (https://w3c.github.io/FileAPI/). As on workerd, the `endings` option changes nothing. */
import {
  bytesOf,
  type Converter,
  DOMString,
  dictionary,
  exposeInterface,
  illegalInvocation,
  requireArguments,
  sequence,
  USVString,
  unrestrictedDouble,
} from "../../guest/webidl.ts";
import { utf8Decode, utf8Encode } from "../encoding/guest.ts";
import type { ReadableStream } from "../streams/guest/readable.ts";
import { readableFromBytes } from "../streams/guest/transfer.ts";
import { registerCloneable } from "../structured-clone/guest.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Part = string | Bytes;

interface BlobOptions {
  readonly type?: string;
}

interface FileOptions extends BlobOptions {
  readonly lastModified?: number;
}

const NO_BYTES: Bytes = new Uint8Array(0);
const NOT_A_TYPE = /[^\x20-\x7e]/;

const normalizeType = (type: string): string => (NOT_A_TYPE.test(type) ? "" : type.toLowerCase());

const typeMember = { key: "type", converter: DOMString };
const blobOptions = dictionary<BlobOptions>("BlobPropertyBag", [typeMember]);
const fileOptions = dictionary<FileOptions>("FilePropertyBag", [
  // As on workerd any number; the standard's is a whole one.
  { key: "lastModified", converter: (value, context) => unrestrictedDouble(value, context) || 0 },
  typeMember,
]);

const SLICE = "Failed to execute 'slice' on 'Blob'";

/** `[Clamp] long long`: rounds half to even, and has no NaN. */
const clamped: Converter<number> = (value, context) => {
  const number = unrestrictedDouble(value, context);
  if (Number.isNaN(number)) return 0;
  const floor = Math.floor(number);
  const fraction = number - floor;
  if (fraction === 0 || !Number.isFinite(number)) return number;
  return fraction < 0.5 || (fraction === 0.5 && floor % 2 === 0) ? floor : floor + 1;
};

/** Whether the value is a Blob, or a File. */
export let isBlob: (value: unknown) => value is Blob;
/** A Blob over data that nobody else changes. */
export let blobOver: (data: Part, type: string) => Blob;
/** The bytes of a Blob, not to be changed. */
export let blobBytes: (blob: Blob) => Bytes;
/** The text of a Blob, decoded as UTF-8. */
export let blobText: (blob: Blob) => string;

const partOf: Converter<Part | Blob> = (value, context) => {
  if (typeof value === "string") return value.toWellFormed();
  if (isBlob(value)) return value;
  return bytesOf(value)?.slice() ?? USVString(value, context);
};
const partsOf = sequence(partOf);

function join(parts: readonly Part[]): Bytes {
  const pieces = parts.map(part => (typeof part === "string" ? utf8Encode(part) : part));
  if (pieces.length === 1) return pieces[0] as Bytes;
  let size = 0;
  for (const piece of pieces) size += piece.byteLength;
  if (size === 0) return NO_BYTES;
  const joined = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.byteLength;
  }
  return joined;
}

export class Blob {
  /** What the Blob was made of; joined when somebody asks for its size or its bytes. */
  #parts: Part[] = [];
  #bytes: Bytes | undefined;
  #type = "";

  static {
    isBlob = (value): value is Blob => typeof value === "object" && value !== null && #parts in value;
    blobOver = (data, type) => {
      const blob = new Blob();
      blob.#hold(data, type);
      return blob;
    };
    blobBytes = blob => blob.#flatten();
    blobText = blob => {
      const [only] = blob.#parts;
      if (blob.#parts.length === 1 && typeof only === "string" && only.charCodeAt(0) !== 0xfeff) return only;
      return utf8Decode(blob.#flatten(), { removeBOM: true });
    };
  }

  constructor(blobParts: Iterable<unknown> | undefined = undefined, options: unknown = undefined) {
    const where = `Failed to construct '${new.target === File ? "File" : "Blob"}'`;
    if (blobParts !== undefined) {
      for (const part of partsOf(blobParts, `${where}: parameter 1`)) {
        if (typeof part === "string" || part instanceof Uint8Array) this.#parts.push(part);
        else for (const inner of part.#parts) this.#parts.push(inner);
      }
    }
    if (options !== undefined && options !== null) {
      this.#type = normalizeType(blobOptions(options, `${where}: parameter 2`).type ?? "");
    }
  }

  get size(): number {
    if (!(#parts in this)) throw illegalInvocation();
    return this.#flatten().byteLength;
  }

  get type(): string {
    if (!(#type in this)) throw illegalInvocation();
    return this.#type;
  }

  slice(start: unknown = undefined, end: unknown = undefined, contentType: unknown = undefined): Blob {
    if (!(#parts in this)) throw illegalInvocation();
    const bytes = this.#flatten();
    const size = bytes.byteLength;
    const from = start === undefined ? 0 : clamped(start, `${SLICE}: parameter 1`);
    const to = end === undefined ? size : clamped(end, `${SLICE}: parameter 2`);
    const type =
      contentType === undefined ? "" : normalizeType(DOMString(contentType, `${SLICE}: parameter 3`));
    const relativeStart = from < 0 ? Math.max(size + from, 0) : Math.min(from, size);
    const relativeEnd = to < 0 ? Math.max(size + to, 0) : Math.min(to, size);
    return blobOver(bytes.subarray(relativeStart, Math.max(relativeStart, relativeEnd)), type);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    if (!(#parts in this)) throw illegalInvocation();
    return this.#flatten().slice().buffer;
  }

  async bytes(): Promise<Bytes> {
    if (!(#parts in this)) throw illegalInvocation();
    return this.#flatten().slice();
  }

  async text(): Promise<string> {
    if (!(#parts in this)) throw illegalInvocation();
    return blobText(this);
  }

  stream(): ReadableStream {
    if (!(#parts in this)) throw illegalInvocation();
    return readableFromBytes(this.#flatten().slice());
  }

  #hold(data: Part, type: string): void {
    this.#parts = [data];
    this.#type = type;
  }

  #flatten(): Bytes {
    if (this.#bytes === undefined) {
      this.#bytes = join(this.#parts);
      this.#parts = [this.#bytes];
    }
    return this.#bytes;
  }
}

exposeInterface(Blob, "Blob");

/** A File over the bytes of a Blob, which it shares. */
export let fileOver: (blob: Blob, name: string, lastModified?: number) => File;

export class File extends Blob {
  #name: string;
  #lastModified: number;

  static {
    fileOver = (blob, name, lastModified) => {
      const file = new File([blob], name, { type: blob.type });
      if (lastModified !== undefined) file.#lastModified = lastModified;
      return file;
    };
  }

  constructor(fileBits: Iterable<unknown> | undefined, fileName: string, options: unknown = undefined) {
    requireArguments(arguments.length, 2, "Failed to construct 'File'");
    super(fileBits, options);
    this.#name = USVString(fileName, "Failed to construct 'File': parameter 2");
    const { lastModified } = fileOptions(options, "Failed to construct 'File': parameter 3");
    this.#lastModified = lastModified ?? Date.now();
  }

  get name(): string {
    if (!(#name in this)) throw illegalInvocation();
    return this.#name;
  }

  get lastModified(): number {
    if (!(#name in this)) throw illegalInvocation();
    return this.#lastModified;
  }
}

exposeInterface(File, "File");

registerCloneable(Blob, {
  serialize: blob => ({ bytes: blobBytes(blob), type: blob.type }),
  deserialize(data) {
    const { bytes, type } = data as { bytes: Bytes; type: string };
    return blobOver(bytes, type);
  },
});
registerCloneable(File, {
  serialize: file => ({
    bytes: blobBytes(file),
    type: file.type,
    name: file.name,
    lastModified: file.lastModified,
  }),
  deserialize(data) {
    const { bytes, type, name, lastModified } = data as { bytes: Bytes } & Pick<
      File,
      "type" | "name" | "lastModified"
    >;
    return fileOver(blobOver(bytes, type), name, lastModified);
  },
});
