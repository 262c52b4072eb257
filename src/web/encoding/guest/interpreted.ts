/**
 * Whether this engine interprets: a loop in JavaScript costs it some 100 ns a byte, so long inputs go to native code
 * or to the host. Told by Intl, which the interpreter's builds lack, before anything can polyfill it.
 */
export const interpreted: boolean = typeof (globalThis as { Intl?: unknown }).Intl === "undefined";

/** From this length on, a crossing to the host costs an interpreter less than a loop. */
export const LONG = 192;

/** From this length on, a crossing costs it less than a few passes of native functions. */
export const VERY_LONG = 32_768;
