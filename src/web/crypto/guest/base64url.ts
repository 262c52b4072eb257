/** The base64url of JSON Web Keys (RFC 7515, section 2). */

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const values = new Map<string, number>([
  ["+", 62],
  ["/", 63],
]);
for (let value = 0; value < 64; value++) values.set(alphabet[value]!, value);

export function encodeBase64url(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index += 3) {
    const group = (bytes[index]! << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    text += alphabet[group >> 18]! + alphabet[(group >> 12) & 63]!;
    if (index + 1 < bytes.length) text += alphabet[(group >> 6) & 63]!;
    if (index + 2 < bytes.length) text += alphabet[group & 63]!;
  }
  return text;
}

/** The bytes; undefined when the text is not base64. As on workerd, the other alphabet, padding and spaces pass. */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const digits = text.replace(/[\t\n\f\r ]+/g, "").replace(/={1,2}$/, "");
  if (digits.length % 4 === 1) return undefined;
  const bytes = new Uint8Array((digits.length * 3) >> 2);
  let group = 0;
  let bits = 0;
  let length = 0;
  for (const digit of digits) {
    const value = values.get(digit);
    if (value === undefined) return undefined;
    group = ((group << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = group >> bits;
    }
  }
  return bytes;
}
