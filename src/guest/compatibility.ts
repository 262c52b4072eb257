/** What the worker's compatibility date and flags change in the guest library. */

let date = "";
let flags: readonly string[] = [];

/** Takes the worker's own, before its code is evaluated. */
export function setCompatibility(workerDate: string, workerFlags: readonly string[]): void {
  date = workerDate;
  flags = workerFlags;
}

/** A pair of flags, and the date from which `on` is the rule. */
export interface CompatibilityFlag {
  readonly on: string;
  readonly off: string;
  readonly since: string;
}

const NODEJS_COMPAT: CompatibilityFlag = {
  on: "nodejs_compat",
  off: "no_nodejs_compat",
  since: "2026-08-04",
};

/** Of a flag that `nodejs_compat` brings with it, from its date. */
export function isNodeFlagOn({ on, off, since }: CompatibilityFlag): boolean {
  return flags.includes(on) || (date >= since && isFlagOn(NODEJS_COMPAT) && !flags.includes(off));
}

export function isFlagOn({ on, off, since }: CompatibilityFlag): boolean {
  return flags.includes(on) || (date >= since && !flags.includes(off));
}
