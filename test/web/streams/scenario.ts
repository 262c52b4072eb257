/** Runs a scenario inside a worker and answers its log, a line for each thing that happened, in order. */
import type { Run } from "../../helpers/each-engine.ts";

export interface Tools {
  log(...parts: unknown[]): void;
  /** Logs how a promise settles; resolves when it has. */
  watch(name: string, promise: Promise<unknown>): Promise<void>;
  /** Lets all microtasks run, and what timers of no delay do. */
  rest(): Promise<void>;
  u8(...bytes: number[]): Uint8Array<ArrayBuffer>;
  /** Logs what a call throws, by its class. */
  thrown(name: string, call: () => unknown): void;
}

/** The scenario's source is sent into the worker, so it closes over nothing. */
export function scenario(run: Run, play: (tools: Tools) => unknown): Promise<string[]> {
  return run(async (source: string) => {
    const lines: string[] = [];
    const render = (value: unknown): string => {
      if (typeof value === "string") return value;
      if (value === undefined) return "undefined";
      if (value instanceof Error)
        return `${value.name}(${/^[a-z]$/.test(value.message) ? value.message : ""})`;
      if (ArrayBuffer.isView(value)) {
        const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
        return `${value.constructor.name}[${bytes.join(" ")}]`;
      }
      if (Array.isArray(value)) return `[${value.map(render).join(" ")}]`;
      if (typeof value === "object" && value !== null) {
        return `{${Object.entries(value).map(([key, member]) => `${key}:${render(member)}`)}}`;
      }
      return String(value);
    };
    const log = (...parts: unknown[]) => void lines.push(parts.map(render).join(" "));
    const tools: Tools = {
      log,
      watch: (name, promise) =>
        promise.then(
          value => log(name, value),
          error => log(name, "failed", error),
        ),
      rest: () => new Promise(resolve => setTimeout(resolve, 0)),
      u8: (...bytes) => new Uint8Array(bytes),
      thrown: (name, call) => {
        try {
          call();
          log(name, "passed");
        } catch (error) {
          log(name, error);
        }
      },
    };
    const guest = new Function("tools", `return (${source})(tools)`) as (tools: Tools) => unknown;
    await guest(tools);
    await tools.rest();
    return lines;
  }, play.toString());
}
