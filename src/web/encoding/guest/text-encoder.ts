/** TextEncoder (https://encoding.spec.whatwg.org/#interface-textencoder). */
import { DOMString, exposeInterface, illegalInvocation, requireArguments } from "../../../guest/webidl.ts";
import { type EncodeIntoResult, utf8Encode, utf8EncodeInto } from "./utf8.ts";

export class TextEncoder {
  readonly #brand = true;

  get encoding(): string {
    if (!(#brand in this)) throw illegalInvocation();
    return "utf-8";
  }

  encode(input: string | undefined = ""): Uint8Array<ArrayBuffer> {
    if (!(#brand in this)) throw illegalInvocation();
    return utf8Encode(DOMString(input, "Failed to execute 'encode' on 'TextEncoder': parameter 1"));
  }

  encodeInto(source: string, destination: Uint8Array): EncodeIntoResult {
    if (!(#brand in this)) throw illegalInvocation();
    const where = "Failed to execute 'encodeInto' on 'TextEncoder'";
    requireArguments(arguments.length, 2, where);
    const text = DOMString(source, `${where}: parameter 1`);
    if (!(destination instanceof Uint8Array))
      throw new TypeError(`${where}: parameter 2 is not of type 'Uint8Array'.`);
    return utf8EncodeInto(text, destination);
  }
}

exposeInterface(TextEncoder);
