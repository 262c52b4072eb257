/** How an error that ends a command is shown. */
import { UserError } from "../../errors.ts";
import type { Colors } from "../../log.ts";

/** A user's error: what is wrong, details, what to do. Anything else is a bug of ours, and shows all there is. */
export function formatFailure(error: unknown, colors: Colors): string {
  if (error instanceof UserError) {
    const lines = [`${colors.red("error:")} ${error.message} ${colors.dim(`(${error.code})`)}`];
    if (error.details !== undefined) lines.push(error.details);
    if (error.hint !== "") lines.push(error.hint);
    return `${lines.join("\n")}\n`;
  }
  const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  return `${colors.red("error:")} worker itself has failed. Please report this:\n${text}\n`;
}
