const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;

/** workerd's conversion to `int`: what is no number is 0, fractions are cut, and the range is 32 bits. */
export function toInt(value: unknown): number {
  const number = Number(value);
  if (!Number.isFinite(number)) return 0;
  const integer = Math.trunc(number);
  if (integer < INT_MIN || integer > INT_MAX) {
    throw new TypeError(`Value out of range. Must be between ${INT_MIN} and ${INT_MAX} (inclusive).`);
  }
  return integer + 0;
}
