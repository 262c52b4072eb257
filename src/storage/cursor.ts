/** Cursors of lists: opaque to whoever holds them, checked when they come back. */
import { createHash } from "node:crypto";

const CHECK_LENGTH = 6;

/** A cursor that no list of this kind has given out. */
export class InvalidCursorError extends Error {
  override readonly name = "InvalidCursorError";
  constructor() {
    super("Invalid cursor");
  }
}

/** A text that stands for a position in a list. `scope` names the list: a cursor of another one is refused. */
export function encodeCursor(scope: string, position: string): string {
  const bytes = Buffer.from(position, "utf8");
  return Buffer.concat([checkOf(scope, bytes), bytes]).toString("base64url");
}

/** The position in a cursor. Throws an `InvalidCursorError` for a text that `encodeCursor(scope, …)` did not make. */
export function decodeCursor(scope: string, cursor: string): string {
  const bytes = Buffer.from(cursor, "base64url");
  const position = bytes.subarray(CHECK_LENGTH);
  const intact =
    bytes.toString("base64url") === cursor &&
    bytes.length >= CHECK_LENGTH &&
    checkOf(scope, position).equals(bytes.subarray(0, CHECK_LENGTH));
  if (!intact) throw new InvalidCursorError();
  return position.toString("utf8");
}

/** Catches slips, not forgers: a cursor gives its holder nothing that a list does not. */
function checkOf(scope: string, position: Buffer): Buffer {
  return createHash("sha256").update(scope).update("\0").update(position).digest().subarray(0, CHECK_LENGTH);
}
