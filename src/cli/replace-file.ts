import { createWriteStream, openSync, renameSync, rmSync } from "node:fs";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { UserError } from "../errors.ts";

/**
 * Writes a file: it is there when it is whole, or as it was before, also when the command is interrupted. Where it cannot
 * be written the error has this hint; what else fails in `write` is thrown as it is.
 */
export async function replaceFile(
  path: string,
  hint: string,
  write: (file: Writable) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const discard = () => {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // Where nothing can be removed nothing was made.
    }
  };
  const unwritable = (error: unknown) =>
    new UserError("OUTPUT_UNWRITABLE", `Cannot write "${path}": ${(error as Error).message}.`, hint, {
      cause: error,
    });
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw unwritable(error);
    }
  };
  // Before there is a file: an interruption may come at any time.
  process.once("exit", discard);
  try {
    const file = createWriteStream(temporary, { fd: attempt(() => openSync(temporary, "w")) });
    // Whoever writes is told by the next write, or at the end.
    file.on("error", () => {});
    try {
      await write(file);
      await finished(file.end());
    } catch (error) {
      file.destroy();
      throw error === file.errored ? unwritable(error) : error;
    }
    attempt(() => renameSync(temporary, path));
  } catch (error) {
    discard();
    throw error;
  } finally {
    process.off("exit", discard);
  }
}
