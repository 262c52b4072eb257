/** The encoding room's surface: text to bytes and back, and base64. */
import { callSync } from "../../guest/host.ts";
import { DOMString, requireArguments } from "../../guest/webidl.ts";
import { DOMException } from "../dom-exception/guest.ts";
import { base64Decode, base64Units } from "./guest/base64.ts";
import { interpreted, LONG } from "./guest/interpreted.ts";
import { binaryString } from "./guest/utf8.ts";

export { base64Decode } from "./guest/base64.ts";
export { TextDecoder, type TextDecoderOptions } from "./guest/text-decoder.ts";
export { TextEncoder } from "./guest/text-encoder.ts";
export { binaryString, utf8Decode, utf8DecodeStrict, utf8Encode } from "./guest/utf8.ts";

/** The base64 of bytes, padded. */
export function base64Encode(bytes: Uint8Array): string {
  if (interpreted && bytes.length >= LONG) return callSync("encoding.base64Encode", bytes);
  return binaryString(base64Units(bytes));
}

/** https://html.spec.whatwg.org/#dom-atob */
export function atob(data: string): string {
  requireArguments(arguments.length, 1, "Failed to execute 'atob'");
  const bytes = base64Decode(DOMString(data, "Failed to execute 'atob': parameter 1"));
  if (bytes === undefined) {
    throw new DOMException(
      "atob() called with invalid base64-encoded data. (Only whitespace, '+', '/', alphanumeric ASCII, and up to " +
        "two terminal '=' signs when the input data length is divisible by 4 are allowed.)",
      "InvalidCharacterError",
    );
  }
  return binaryString(bytes);
}

/** https://html.spec.whatwg.org/#dom-btoa */
export function btoa(data: string): string {
  requireArguments(arguments.length, 1, "Failed to execute 'btoa'");
  const text = DOMString(data, "Failed to execute 'btoa': parameter 1");
  if (/[^\0-\xff]/.test(text)) {
    throw new DOMException(
      "btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range.",
      "InvalidCharacterError",
    );
  }
  if (interpreted && text.length >= LONG) return callSync("encoding.base64EncodeLatin1", text);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return binaryString(base64Units(bytes));
}
