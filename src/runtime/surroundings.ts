/** Where a command runs, and where it reads and writes: given, so that a test can give its own. */
import type { Logger } from "../log.ts";

export interface Surroundings {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadableStream;
  /** Results. */
  readonly stdout: NodeJS.WriteStream;
  /** Everything else. */
  readonly stderr: NodeJS.WriteStream;
  readonly log: Logger;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly interrupted: AbortSignal;
}

/** Resolves when the command is to end. */
export function interruption({ interrupted }: Pick<Surroundings, "interrupted">): Promise<void> {
  return new Promise(resolve => {
    if (interrupted.aborted) resolve();
    interrupted.addEventListener("abort", () => resolve(), { once: true });
  });
}
