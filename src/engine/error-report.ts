/** A failure, made ready to be shown: plain data that the terminal, the error page and the supervisor all take. */
import { codeFrame } from "../code-frame.ts";
import { type ErrorCode, UserError } from "../errors.ts";
import { GuestError } from "./errors.ts";
import type { SourcePosition, StackMapper } from "./stack-traces.ts";
import type { WireError } from "./wire.ts";

export interface ErrorReport {
  readonly code: ErrorCode;
  /** "TypeError: x is not a function" */
  readonly title: string;
  readonly frames: readonly string[];
  readonly position: SourcePosition | null;
  /** The lines of source around the position. */
  readonly codeFrame: string | null;
  readonly hint: string | null;
  readonly causes: readonly string[];
  /** The HTTP status for a client. */
  readonly status: 500 | 503;
}

/** Describes whatever made an event or the loading of a worker fail. */
export function reportError(
  error: unknown,
  mapper: StackMapper,
  code: ErrorCode = "WORKER_EXCEPTION",
): ErrorReport {
  if (error instanceof GuestError) return reportGuestError(error.wire, mapper, code);
  if (error instanceof UserError) {
    return {
      ...EMPTY,
      code: error.code,
      title: error.message,
      hint: error.hint,
      codeFrame: error.details ?? null,
      status: "status" in error && error.status === 503 ? 503 : 500,
    };
  }
  const title = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  return { ...EMPTY, code, title, hint: "This is a bug of worker itself; please report it." };
}

const EMPTY = { frames: [], position: null, codeFrame: null, hint: null, causes: [], status: 500 } as const;

/** An exception of the worker's, with its stack in the user's files. */
export function reportGuestError(
  wire: WireError,
  mapper: StackMapper,
  code: ErrorCode = "WORKER_EXCEPTION",
): ErrorReport {
  const { frames, position, source } = mapper.map(wire.stack ?? "");
  const causes: string[] = [];
  for (let cause = wire.cause; cause !== undefined; ) {
    if (typeof cause === "string") {
      causes.push(cause);
      break;
    }
    causes.push([titleOf(cause), ...mapper.map(cause.stack ?? "").frames].join("\n"));
    cause = cause.cause;
  }
  return {
    code,
    title: titleOf(wire),
    frames,
    position: position ?? null,
    codeFrame: position !== undefined && source !== undefined ? codeFrame(source, position) : null,
    hint: null,
    causes,
    status: 500,
  };
}

function titleOf(wire: WireError): string {
  if (wire.thrown) return `Uncaught ${wire.message}`;
  return wire.message === "" ? wire.name : `${wire.name}: ${wire.message}`;
}

/** The report as text: title and, where it is asked for, code; frames, causes, code frame, hint. */
export function formatReport(report: ErrorReport, showCode?: (code: string) => string): string {
  const title = showCode === undefined ? report.title : `${report.title} ${showCode(`(${report.code})`)}`;
  const parts = [[title, ...report.frames].join("\n")];
  for (const cause of report.causes) parts.push(`  [cause]: ${cause.replaceAll("\n", "\n  ")}`);
  if (report.codeFrame !== null) parts.push(report.codeFrame.replaceAll(/^/gm, "  "));
  if (report.hint !== null) parts.push(report.hint);
  return parts.join("\n");
}
