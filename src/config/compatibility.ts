/** Compatibility dates and flags: what this program does differently by them. https://developers.cloudflare.com/workers/configuration/compatibility-flags/ */

/** The newest date whose behaviour is known here. Later dates behave like it. */
export const NEWEST_DATE = "2026-11-17";

interface FlagRow {
  readonly on: string;
  readonly off: string;
  /** On by itself from this date. */
  readonly since: string;
  /** Without this flag it stays off, whatever the date. */
  readonly needs?: string;
}

const FLAGS: readonly FlagRow[] = [
  { on: "nodejs_compat", off: "no_nodejs_compat", since: "2026-08-04" },
  { on: "nodejs_compat_v2", off: "no_nodejs_compat_v2", since: "2024-09-23", needs: "nodejs_compat" },
  {
    on: "nodejs_compat_populate_process_env",
    off: "nodejs_compat_do_not_populate_process_env",
    since: "2025-04-01",
    needs: "nodejs_compat",
  },
  { on: "websocket_standard_binary_type", off: "no_websocket_standard_binary_type", since: "2026-03-17" },
  { on: "web_socket_auto_reply_to_close", off: "web_socket_manual_reply_to_close", since: "2026-04-07" },
];

export interface Compatibility {
  readonly date: string;
  readonly flags: readonly string[];
}

/** Whether the behaviour that a flag names is on: by the flag itself, its opposite, or the date. */
export function isFlagOn(compatibility: Compatibility, name: string): boolean {
  const { date, flags } = compatibility;
  if (flags.includes(name)) return true;
  const row = FLAGS.find(row => row.on === name);
  if (row === undefined || flags.includes(row.off)) return false;
  if (row.needs !== undefined && !isFlagOn(compatibility, row.needs)) return false;
  return date >= row.since;
}

/** A pair of flags that say the opposite of each other. */
export function contradiction(flags: readonly string[]): readonly [string, string] | undefined {
  const row = FLAGS.find(({ on, off }) => flags.includes(on) && flags.includes(off));
  return row === undefined ? undefined : [row.on, row.off];
}

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
