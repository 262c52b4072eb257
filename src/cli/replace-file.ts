import { once } from "node:events";
import { createWriteStream, rmSync } from "node:fs";
import { rename } from "node:fs/promises";
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
  const discard = () => rmSync(temporary, { force: true });
  const unwritable = (error: unknown) =>
    new UserError("OUTPUT_UNWRITABLE", `Cannot write "${path}": ${(error as Error).message}.`, hint, {
      cause: error,
    });
  const file = createWriteStream(temporary);
  await once(file, "open").catch(error => {
    throw unwritable(error);
  });
  // Whoever writes is told by the next write, or at the end.
  file.on("error", () => {});
  process.once("exit", discard);
  try {
    await write(file);
    await finished(file.end());
    await rename(temporary, path).catch(error => {
      throw unwritable(error);
    });
  } catch (error) {
    file.destroy();
    discard();
    throw error === file.errored ? unwritable(error) : error;
  } finally {
    process.off("exit", discard);
  }
}
