/** `console` (https://console.spec.whatwg.org): text formatted here, written by the host. */
import { notify } from "../../guest/host.ts";
import type { ConsoleLevel } from "./contract.ts";
import { format } from "./guest/format.ts";
import { describeThrownBy } from "./guest/inspect/guard.ts";
import { type InspectOptions, inspect } from "./guest/inspect.ts";
import { table } from "./guest/table.ts";

const GROUP_INDENT = "  ";

let indentation = "";
const counts = new Map<string, number>();
const timers = new Map<string, number>();

function write(level: ConsoleLevel, text: string): void {
  notify(
    "console.write",
    level,
    indentation === "" ? text : indentation + text.replaceAll("\n", `\n${indentation}`),
  );
}

/** Writes what `compute` answers; nothing that a value does while it is asked reaches the caller. */
function writeSafely(level: ConsoleLevel, compute: () => string): void {
  let text: string;
  try {
    text = compute();
  } catch (error) {
    text = describeThrownBy("console", error);
  }
  write(level, text);
}

function print(level: ConsoleLevel, args: readonly unknown[]): void {
  if (args.length === 1 && typeof args[0] === "string") write(level, args[0]);
  else writeSafely(level, () => format(args));
}

function labelOf(label: unknown): string {
  if (label === undefined) return "default";
  try {
    return String(label);
  } catch (error) {
    return describeThrownBy("label", error);
  }
}

/** `12ms`, `1.234s`, `2:03.004 (m:ss.mmm)` */
function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds}ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(3)}s`;
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = ((milliseconds % 60_000) / 1000).toFixed(3).padStart(6, "0");
  if (minutes < 60) return `${minutes}:${seconds} (m:ss.mmm)`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${seconds.slice(0, 2)} (h:mm:ss)`;
}

/** The time since `console.time(label)`, or undefined, with a warning, when there was none. */
function elapsed(label: string, method: string): string | undefined {
  const start = timers.get(label);
  if (start !== undefined) return `${label}: ${duration(Date.now() - start)}`;
  write("warn", `No such label '${label}' for console.${method}()`);
  return undefined;
}

function stackHere(): string {
  const stack = new Error().stack ?? "";
  const frames = stack.split("\n").filter(line => /^\s+at /.test(line));
  // The first frames are this function's and `trace`'s own.
  return frames.slice(2).join("\n");
}

const methods = {
  debug: (...data: unknown[]) => print("debug", data),
  error: (...data: unknown[]) => print("error", data),
  info: (...data: unknown[]) => print("info", data),
  log: (...data: unknown[]) => print("log", data),
  warn: (...data: unknown[]) => print("warn", data),

  dir(item?: unknown, options?: InspectOptions): void {
    const chosen = typeof options === "object" && options !== null ? options : {};
    writeSafely("log", () => inspect(item, { customInspect: false, ...chosen }));
  },
  dirxml: (...data: unknown[]) => print("log", data),

  table(data?: unknown, properties?: readonly string[]): void {
    if (properties !== undefined && !Array.isArray(properties)) {
      throw new TypeError("Failed to execute 'table' on 'console': parameter 2 is not of type 'Array'.");
    }
    writeSafely("log", () => table(data, properties) ?? format([data]));
  },

  trace(...data: unknown[]): void {
    const frames = stackHere();
    writeSafely("log", () => {
      const text = data.length === 0 ? "Trace" : `Trace: ${format(data)}`;
      return frames === "" ? text : `${text}\n${frames}`;
    });
  },

  group(...label: unknown[]): void {
    if (label.length > 0) print("log", label);
    indentation += GROUP_INDENT;
  },
  groupCollapsed: (...label: unknown[]) => methods.group(...label),
  groupEnd(): void {
    indentation = indentation.slice(GROUP_INDENT.length);
  },

  /** Ends all groups; what a terminal shows already stays, as it may be a log. */
  clear(): void {
    indentation = "";
  },

  count(label?: unknown): void {
    const name = labelOf(label);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    write("log", `${name}: ${count}`);
  },
  countReset(label?: unknown): void {
    const name = labelOf(label);
    if (!counts.delete(name)) write("warn", `Count for '${name}' does not exist`);
  },

  assert(condition?: unknown, ...data: unknown[]): void {
    if (condition) return;
    if (data.length === 0) write("error", "Assertion failed");
    else if (typeof data[0] === "string") print("error", [`Assertion failed: ${data[0]}`, ...data.slice(1)]);
    else print("error", ["Assertion failed:", ...data]);
  },

  /** Profiles and time stamps go to a debugger's timeline: without one there is nothing to write. */
  profile(): void {},
  profileEnd(): void {},

  time(label?: unknown): void {
    const name = labelOf(label);
    if (timers.has(name)) write("warn", `Label '${name}' already exists for console.time()`);
    else timers.set(name, Date.now());
  },
  timeLog(label?: unknown, ...data: unknown[]): void {
    const text = elapsed(labelOf(label), "timeLog");
    if (text !== undefined) print("log", data.length === 0 ? [text] : ["%s", text, ...data]);
  },
  timeEnd(label?: unknown): void {
    const name = labelOf(label);
    const text = elapsed(name, "timeEnd");
    if (text === undefined) return;
    timers.delete(name);
    write("log", text);
  },
  timeStamp(): void {},
};

export const console: typeof methods = Object.create(Object.create(Object.prototype), {
  ...Object.getOwnPropertyDescriptors(methods),
  [Symbol.toStringTag]: { value: "console", configurable: true },
});
