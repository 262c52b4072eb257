import { UserError } from "../errors.ts";

/** The error for a file that a command line names and that cannot be read. */
export function unreadable(path: string, error: unknown): UserError {
  return new UserError(
    "FILE_UNREADABLE",
    `Cannot read "${path}": ${error instanceof Error ? error.message : String(error)}.`,
    "Name a file that exists and can be read; - is stdin.",
    { cause: error },
  );
}
