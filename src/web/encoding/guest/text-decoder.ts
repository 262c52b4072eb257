/** TextDecoder (https://encoding.spec.whatwg.org/#interface-textdecoder). UTF-8 is decoded here, the rest by an op. */
import { callSync } from "../../../guest/host.ts";
import {
  BufferSource,
  boolean,
  DOMString,
  dictionary,
  exposeInterface,
  illegalInvocation,
} from "../../../guest/webidl.ts";
import type { DecoderState } from "../contract.ts";
import { encodingFromLabel } from "../labels.ts";
import { incompleteTail, utf8Decode, utf8DecodeStrict } from "./utf8.ts";

export interface TextDecoderOptions {
  readonly fatal?: boolean;
  readonly ignoreBOM?: boolean;
}

const toOptions = dictionary<Required<TextDecoderOptions>>("TextDecoderOptions", [
  { key: "fatal", converter: boolean, defaultValue: () => false },
  { key: "ignoreBOM", converter: boolean, defaultValue: () => false },
]);
const toDecodeOptions = dictionary<{ stream: boolean }>("TextDecodeOptions", [
  { key: "stream", converter: boolean, defaultValue: () => false },
]);

const NO_STATE: DecoderState = [];
const NO_BYTES: Uint8Array = new Uint8Array(0);

function join(state: DecoderState, bytes: Uint8Array): Uint8Array {
  const joined = new Uint8Array(state.length + bytes.length);
  joined.set(state);
  joined.set(bytes, state.length);
  return joined;
}

export class TextDecoder {
  #encoding: string;
  #fatal = false;
  #ignoreBOM = false;
  /** The bytes of an incomplete sequence, or what a legacy decoder keeps. */
  #state: DecoderState = NO_STATE;
  #streaming = false;
  #atStart = true;

  constructor(label: string = "utf-8", options: TextDecoderOptions | undefined = undefined) {
    const name = DOMString(label, "Failed to construct 'TextDecoder': parameter 1");
    if (options !== undefined) {
      const { fatal, ignoreBOM } = toOptions(options, "Failed to construct 'TextDecoder': parameter 2");
      this.#fatal = fatal;
      this.#ignoreBOM = ignoreBOM;
    }
    const encoding = encodingFromLabel(name);
    if (encoding === undefined || encoding === "replacement") {
      throw new RangeError(`"${name}" is not a valid encoding.`);
    }
    this.#encoding = encoding;
  }

  get encoding(): string {
    if (!(#encoding in this)) throw illegalInvocation();
    return this.#encoding;
  }

  get fatal(): boolean {
    if (!(#encoding in this)) throw illegalInvocation();
    return this.#fatal;
  }

  get ignoreBOM(): boolean {
    if (!(#encoding in this)) throw illegalInvocation();
    return this.#ignoreBOM;
  }

  decode(input: unknown = undefined, options: { readonly stream?: boolean } | undefined = undefined): string {
    if (!(#encoding in this)) throw illegalInvocation();
    const where = "Failed to execute 'decode' on 'TextDecoder': parameter";
    const bytes = input === undefined ? NO_BYTES : BufferSource(input, `${where} 1`);
    const stream = options === undefined ? false : toDecodeOptions(options, `${where} 2`).stream;
    if (!this.#streaming) {
      this.#state = NO_STATE;
      this.#atStart = true;
    }
    this.#streaming = stream;
    const text =
      this.#encoding === "utf-8" ? this.#decodeUtf8(bytes, stream) : this.#decodeOther(bytes, stream);
    return this.#withoutBOM(text);
  }

  #decodeUtf8(bytes: Uint8Array, stream: boolean): string {
    let whole = bytes;
    if (this.#state.length > 0) {
      whole = join(this.#state, bytes);
      this.#state = NO_STATE;
    }
    if (stream) {
      const tail = incompleteTail(whole);
      if (tail > 0) {
        this.#state = Array.from(whole.subarray(whole.length - tail));
        whole = whole.subarray(0, whole.length - tail);
      }
    }
    if (!this.#fatal) return utf8Decode(whole);
    const text = utf8DecodeStrict(whole);
    if (text === undefined) throw new TypeError("Failed to decode input.");
    return text;
  }

  #decodeOther(bytes: Uint8Array, stream: boolean): string {
    const before = this.#state;
    this.#state = NO_STATE;
    const [text, after] = callSync("encoding.decode", this.#encoding, bytes, before, !stream, this.#fatal);
    this.#state = after;
    return text;
  }

  /** https://encoding.spec.whatwg.org/#concept-td-serialize */
  #withoutBOM(text: string): string {
    if (!this.#atStart || text === "" || this.#ignoreBOM) return text;
    this.#atStart = false;
    return text.charCodeAt(0) === 0xfeff && this.#encoding.startsWith("utf-") ? text.slice(1) : text;
  }
}

exposeInterface(TextDecoder);
