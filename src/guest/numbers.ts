const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;

/** ECMAScript's ToNumber, with V8's words for what it refuses; `Number` would take a BigInt. */
export function toNumber(value: unknown): number {
  if (typeof value === "symbol") throw new TypeError("Cannot convert a Symbol value to a number");
  if (typeof value === "bigint") throw new TypeError("Cannot convert a BigInt value to a number");
  return Number(value);
}

/** workerd's conversion to `int`: what is no number is 0, fractions are cut, and the range is 32 bits. */
export function toInt(value: unknown): number {
  const number = toNumber(value);
  if (!Number.isFinite(number)) return 0;
  const integer = Math.trunc(number);
  if (integer < INT_MIN || integer > INT_MAX) {
    throw new TypeError(`Value out of range. Must be between ${INT_MIN} and ${INT_MAX} (inclusive).`);
  }
  return integer + 0;
}
