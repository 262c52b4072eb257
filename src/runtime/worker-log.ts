/** What a running worker says, as lines of the log: its console, exceptions, and the requests that it answered. */
import { formatReport, reportGuestError } from "../engine/error-report.ts";
import type { StackMapper } from "../engine/stack-traces.ts";
import type { WireError } from "../engine/wire.ts";
import type { Colors, Logger } from "../log.ts";

const FLUSH_MS = 20;

/** A stream that gathers lines and writes them together: a line a request would otherwise cost a system call each. */
export function bufferedStream(target: NodeJS.WriteStream): {
  write(text: string): void;
  flush(): void;
  isTTY: boolean;
} {
  let lines: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (lines.length > 0) target.write(lines.join(""));
    lines = [];
  };
  return {
    isTTY: target.isTTY === true,
    write(text) {
      lines.push(text);
      timer ??= setTimeout(flush, FLUSH_MS);
    },
    flush,
  };
}

/** A line of the worker's console. Its levels are the worker's own, apart from the tool's. */
export function formatConsole(level: string, text: string, colors: Colors): string {
  switch (level) {
    case "error":
      return colors.red(text);
    case "warn":
      return colors.yellow(text);
    case "debug":
      return colors.dim(text);
    default:
      return text;
  }
}

/** An exception that no client hears of. */
export function logUncaught(error: WireError, where: string, mapper: StackMapper, logger: Logger): void {
  logger.error(`Uncaught in ${where}: ${formatReport(reportGuestError(error, mapper))}`);
}

/** "GET /path 200 OK (3 ms)" */
export function formatRequest(
  method: string,
  target: string,
  status: number,
  statusText: string,
  milliseconds: number,
  colors: Colors,
): string {
  const color = status >= 500 ? colors.red : status >= 400 ? colors.yellow : colors.green;
  const outcome = color(`${status}${statusText ? ` ${statusText}` : ""}`);
  return `${method} ${target} ${outcome} ${colors.dim(`(${Math.round(milliseconds)} ms)`)}`;
}
