/** How an error that ends a command is shown. */
import { formatUserError, UserError } from "../../errors.ts";
import type { Colors } from "../../log.ts";

/** A user's error: what is wrong, details, what to do. Anything else is a bug of ours, and shows all there is. */
export function formatFailure(error: unknown, colors: Colors): string {
  if (error instanceof UserError) return `${colors.red("error:")} ${formatUserError(error, colors.dim)}\n`;
  const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  return `${colors.red("error:")} worker itself has failed. Please report this:\n${text}\n`;
}
