/** TextEncoderStream and TextDecoderStream (https://encoding.spec.whatwg.org/#interface-textdecoderstream). */
import { DOMString, exposeInterface, illegalInvocation } from "../../../guest/webidl.ts";
import { TransformStream } from "../../streams/guest/transform.ts";
import { TextDecoder, type TextDecoderOptions, utf8Encode } from "../guest.ts";

const isLead = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/** Encodes what is written to it as UTF-8. On workerd, and so here, a TransformStream. */
export class TextEncoderStream extends TransformStream {
  readonly #brand = true;

  constructor() {
    // A surrogate at the end of a chunk waits for its other half.
    let waiting = "";
    super({
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
    if (!(#brand in this)) throw illegalInvocation();
    return "utf-8";
  }
}

/** Decodes what is written to it. On workerd, and so here, a TransformStream. */
export class TextDecoderStream extends TransformStream {
  readonly #decoder: TextDecoder;

  constructor(label: string = "utf-8", options: TextDecoderOptions | undefined = undefined) {
    const decoder = new TextDecoder(label, options);
    super({
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
    this.#decoder = decoder;
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
}

exposeInterface(TextEncoderStream);
exposeInterface(TextDecoderStream);
