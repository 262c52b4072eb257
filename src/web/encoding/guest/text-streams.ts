/** TextEncoderStream and TextDecoderStream (https://encoding.spec.whatwg.org/#interface-textdecoderstream). */
import { DOMString, exposeInterface, illegalInvocation } from "../../../guest/webidl.ts";
import { TransformStream } from "../../streams/guest/transform.ts";
import { TextDecoder, type TextDecoderOptions, utf8Encode } from "../guest.ts";

type Readable = TransformStream["readable"];
type Writable = TransformStream["writable"];

const isLead = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

export class TextEncoderStream {
  readonly #transform: TransformStream;

  constructor() {
    // A surrogate at the end of a chunk waits for its other half.
    let waiting = "";
    this.#transform = new TransformStream({
      transform(chunk: unknown, controller: { enqueue(chunk: unknown): void }) {
        const text = waiting + DOMString(chunk, "Failed to encode a chunk: it");
        const whole = isLead(text.charCodeAt(text.length - 1)) ? text.length - 1 : text.length;
        waiting = text.slice(whole);
        if (whole > 0) controller.enqueue(utf8Encode(text.slice(0, whole)));
      },
      flush(controller: { enqueue(chunk: unknown): void }) {
        if (waiting !== "") controller.enqueue(utf8Encode(waiting));
      },
    });
  }

  get encoding(): string {
    if (!(#transform in this)) throw illegalInvocation();
    return "utf-8";
  }

  get readable(): Readable {
    if (!(#transform in this)) throw illegalInvocation();
    return this.#transform.readable;
  }

  get writable(): Writable {
    if (!(#transform in this)) throw illegalInvocation();
    return this.#transform.writable;
  }
}

export class TextDecoderStream {
  readonly #decoder: TextDecoder;
  readonly #transform: TransformStream;

  constructor(label: string = "utf-8", options: TextDecoderOptions | undefined = undefined) {
    const decoder = new TextDecoder(label, options);
    this.#decoder = decoder;
    this.#transform = new TransformStream({
      transform(chunk: unknown, controller: { enqueue(chunk: unknown): void }) {
        if (chunk === undefined) throw new TypeError("Failed to decode a chunk: it is not a BufferSource.");
        const text = decoder.decode(chunk, { stream: true });
        if (text !== "") controller.enqueue(text);
      },
      flush(controller: { enqueue(chunk: unknown): void }) {
        const text = decoder.decode();
        if (text !== "") controller.enqueue(text);
      },
    });
  }

  get encoding(): string {
    if (!(#decoder in this)) throw illegalInvocation();
    return this.#decoder.encoding;
  }

  get fatal(): boolean {
    if (!(#decoder in this)) throw illegalInvocation();
    return this.#decoder.fatal;
  }

  get ignoreBOM(): boolean {
    if (!(#decoder in this)) throw illegalInvocation();
    return this.#decoder.ignoreBOM;
  }

  get readable(): Readable {
    if (!(#decoder in this)) throw illegalInvocation();
    return this.#transform.readable;
  }

  get writable(): Writable {
    if (!(#decoder in this)) throw illegalInvocation();
    return this.#transform.writable;
  }
}

exposeInterface(TextEncoderStream);
exposeInterface(TextDecoderStream);
