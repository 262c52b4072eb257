/** Errors that a user meets. What is not a `UserError` is a bug of this program. */

/** Exit codes: what a shell or a CI job may rely on. */
export const EXIT = { success: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/**
 * Every code there is, with the exit code it ends a command with: 1 the worker or its build failed,
 * 2 the command or the configuration is wrong. Codes are stable: scripts and tests match on them.
 */
const CODES = {
  /** An option, argument or command that does not exist, or that cannot be used like this. */
  USAGE: EXIT.usage,
  /** `--engine` or WORKER_ENGINE names no engine. */
  ENGINE_UNKNOWN: EXIT.usage,
  /** The engine exists, but its package is not installed or does not work on this machine. */
  ENGINE_NOT_INSTALLED: EXIT.usage,
  /** A port that was asked for is taken. */
  PORT_IN_USE: EXIT.usage,
  /** The address cannot be listened on: not of this machine, or no permission. */
  ADDRESS_UNAVAILABLE: EXIT.usage,
  /** A file named on the command line (a body, a list, a certificate) cannot be read. */
  FILE_UNREADABLE: EXIT.usage,
  /** The state folder cannot be written, or another process holds it. */
  STATE_UNAVAILABLE: EXIT.usage,
  /** The state folder holds data that this version cannot read. */
  STATE_DAMAGED: EXIT.usage,
  /** There is no saved state of that name. */
  STATE_NOT_FOUND: EXIT.usage,

  /** `--config` names a file that does not exist. */
  CONFIG_NOT_FOUND: EXIT.usage,
  /** The configuration or a file of secrets exists and cannot be read. */
  CONFIG_UNREADABLE: EXIT.usage,
  /** The configuration is not valid JSON or TOML. */
  CONFIG_SYNTAX: EXIT.usage,
  /** One or more keys of the configuration have a wrong value. */
  CONFIG_INVALID: EXIT.usage,
  /** `--env` or CLOUDFLARE_ENV names an environment that the configuration does not have. */
  CONFIG_UNKNOWN_ENV: EXIT.usage,
  /** A variable given by `--var` or `--define` is not of the form KEY:VALUE. */
  VAR_INVALID: EXIT.usage,
  /** `--env-file` names a file that does not exist. */
  ENV_FILE_NOT_FOUND: EXIT.usage,
  /** A cron expression that Cloudflare's syntax does not have. */
  CRON_INVALID: EXIT.usage,
  /** No binding of that name, or not of that kind. */
  BINDING_NOT_FOUND: EXIT.usage,
  /** A command asks for the value of a key that has none. */
  KEY_NOT_FOUND: EXIT.failed,

  /** No entry point was named and none was found, or the one named does not exist. */
  ENTRY_NOT_FOUND: EXIT.usage,
  /** esbuild or a module rule refused the worker's code. */
  BUILD_FAILED: EXIT.failed,
  /** The bundle cannot be written. */
  OUTPUT_UNWRITABLE: EXIT.usage,

  /** The worker threw while its modules were evaluated. */
  WORKER_LOAD_FAILED: EXIT.failed,
  /** The worker exports nothing and registers no listener. */
  WORKER_EXPORTS_NOTHING: EXIT.failed,
  /** The worker has no handler for the event. */
  HANDLER_NOT_FOUND: EXIT.failed,
  /** `invoke` names a function that the worker does not have. */
  FUNCTION_NOT_FOUND: EXIT.failed,
  /** `--entrypoint` names an export that the worker does not have. */
  ENTRYPOINT_NOT_FOUND: EXIT.failed,
  /** A result that JSON cannot express. */
  RESULT_NOT_JSON: EXIT.failed,
  /** The worker's code threw. */
  WORKER_EXCEPTION: EXIT.failed,
  /** A fetch handler returned something that is not a Response, or responded twice. */
  NO_RESPONSE: EXIT.failed,
  /** Nothing is left that could settle the handler's promise. */
  RESPONSE_NEVER: EXIT.failed,
  /** SQL that a database refuses. */
  SQL_FAILED: EXIT.failed,
  /** `run --fail`: the worker answered with a status of 400 or more. */
  REQUEST_FAILED: EXIT.failed,

  /** An event did not answer within its wall-clock time. */
  TIME_LIMIT: EXIT.failed,
  /** An event used more CPU time than it may. */
  CPU_LIMIT: EXIT.failed,
  /** The isolate used more memory than it may. */
  MEMORY_LIMIT: EXIT.failed,
  /** An event made more subrequests than it may. */
  SUBREQUEST_LIMIT: EXIT.failed,
  /** A script, request, response or message larger than the platform takes. */
  SIZE_LIMIT: EXIT.failed,
  /** The isolate ended while the event was running. */
  ISOLATE_LOST: EXIT.failed,
  /** The worker needs something that this engine does not have. */
  ENGINE_LACKS: EXIT.failed,
} as const;

export type ErrorCode = keyof typeof CODES;

export interface UserErrorOptions {
  /** What does not fit in a sentence: a code frame, a list of names. Printed between message and hint. */
  readonly details?: string | undefined;
  readonly cause?: unknown;
}

/** An error that a user can act on: `message` says what is wrong, `hint` says what to do. */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: string | undefined;

  constructor(code: ErrorCode, message: string, hint: string, options: UserErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = hint;
    this.details = options.details;
  }
}

/** The error as a reader meets it: what is wrong and its code, details, what to do. */
export function formatUserError(error: UserError, dim: (text: string) => string = text => text): string {
  const title = `${error.message} ${dim(`(${error.code})`)}`;
  return [title, error.details, error.hint].filter(Boolean).join("\n");
}

/** The exit code that an error ends a command with. A bug counts as a failure. */
export function exitCodeOf(error: unknown): number {
  return error instanceof UserError ? CODES[error.code] : EXIT.failed;
}

/** True for an error of Node's with that `code`, such as ENOENT. */
export function hasErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(error.code as string);
}
