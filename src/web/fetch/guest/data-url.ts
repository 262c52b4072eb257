/** data: URLs (https://fetch.spec.whatwg.org/#data-urls). */
import { base64Decode, binaryString, utf8Encode } from "../../encoding/guest.ts";
import { parseMimeType, trimHttpWhitespace } from "../../form-data/guest/mime-type.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export interface DataUrl {
  readonly type: string;
  readonly body: Bytes;
}

const PERCENT = 0x25;
const BASE64_SUFFIX = /; *base64$/i;

/** The data URL processor. Takes a serialized URL without fragment; undefined when it is malformed. */
export function processDataUrl(url: string): DataUrl | undefined {
  const comma = url.indexOf(",");
  if (comma < 0) return undefined;
  let type = trimHttpWhitespace(url.slice("data:".length, comma));
  let body: Bytes | undefined = percentDecode(utf8Encode(url.slice(comma + 1)));
  if (BASE64_SUFFIX.test(type)) {
    type = type.replace(BASE64_SUFFIX, "");
    body = base64Decode(binaryString(body));
    if (body === undefined) return undefined;
  }
  if (type.startsWith(";")) type = `text/plain${type}`;
  return { type: parseMimeType(type)?.toString() ?? "text/plain;charset=US-ASCII", body };
}

function hexValue(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** https://url.spec.whatwg.org/#percent-decode, in place. */
function percentDecode(bytes: Bytes): Bytes {
  let written = bytes.indexOf(PERCENT);
  if (written < 0) return bytes;
  for (let read = written; read < bytes.length; read++) {
    const byte = bytes[read] as number;
    const high = byte === PERCENT ? hexValue(bytes[read + 1]) : -1;
    const low = high < 0 ? -1 : hexValue(bytes[read + 2]);
    if (low < 0) {
      bytes[written++] = byte;
      continue;
    }
    bytes[written++] = high * 16 + low;
    read += 2;
  }
  return bytes.subarray(0, written);
}
