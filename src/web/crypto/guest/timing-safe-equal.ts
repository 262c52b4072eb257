/** Compares bytes of the same length in a time that does not depend on where they differ. */
export function timingSafeEqual(left: Uint8Array, right: Uint8Array): boolean {
  let difference = 0;
  for (let index = 0; index < left.length; index++) difference |= left[index]! ^ right[index]!;
  return difference === 0;
}
