/** Compatibility dates, and how much of Node.js a worker gets by its date and flags. */
import { type Compatibility, isFlagOn } from "../bindings/worker/compatibility-flags.ts";

/** The newest date whose behaviour is known here. Later dates behave like it. */
export const NEWEST_DATE = "2026-11-17";

/** True for a day that exists, written as YYYY-MM-DD. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** How much of Node.js a worker gets. */
export type NodeCompat =
  /** Nothing: an import of a Node.js module is an error. */
  | "off"
  /** `nodejs_als`: `node:async_hooks` alone. */
  | "als"
  /** Modules by their `node:` name, no globals. */
  | "prefixed"
  /** Modules by both names, and the globals `process`, `Buffer` and `global`. */
  | "full";

/** The extent of Node.js compatibility that date and flags ask for. */
export function nodeCompatOf(compatibility: Compatibility): NodeCompat {
  if (isFlagOn(compatibility, "nodejs_compat")) {
    return isFlagOn(compatibility, "nodejs_compat_v2") ? "full" : "prefixed";
  }
  return compatibility.flags.includes("nodejs_als") ? "als" : "off";
}
