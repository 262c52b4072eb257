/** Bytes: as scripts give them, their first bits, and whether two are the same. */
import { bytesOf } from "../../../guest/webidl.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

export const NO_BYTES: Bytes = new Uint8Array(0);

/** The bytes of a BufferSource, with no copy; undefined for anything else. */
export const takeBytes: (value: unknown) => Bytes | undefined = bytesOf;

/** The first bits of some bytes, with zeros after them in the last byte. */
export function firstBits(bytes: Bytes, bits: number): Bytes {
  const result = bytes.slice(0, Math.ceil(bits / 8));
  const surplus = result.length * 8 - bits;
  if (surplus > 0) result[result.length - 1]! &= 0xff << surplus;
  return result;
}

/** Compares bytes of the same length in a time that does not depend on where they differ. */
export function timingSafeEqual(left: Uint8Array, right: Uint8Array): boolean {
  let difference = 0;
  for (let index = 0; index < left.length; index++) difference |= left[index]! ^ right[index]!;
  return difference === 0;
}
