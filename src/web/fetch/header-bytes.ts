/**
 * Header values between a worker and node's HTTP. As on workerd, a value's bytes are UTF-8 to the worker; node takes
 * and gives them as Latin-1, one character a byte.
 */

const NOT_ASCII = /[^\0-\x7f]/;

/** A worker's value as node sends it. */
export const headerToLatin1 = (value: string): string =>
  NOT_ASCII.test(value) ? Buffer.from(value, "utf8").toString("latin1") : value;

/** A value that node received as the worker sees it. */
export const headerFromLatin1 = (value: string): string =>
  NOT_ASCII.test(value) ? Buffer.from(value, "latin1").toString("utf8") : value;
