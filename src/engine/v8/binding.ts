/** isolated-vm, which is optional: importing this module fails where it is not installed or does not load. */
import ivm from "isolated-vm";

export const vm: typeof ivm = ivm;
