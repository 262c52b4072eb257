/** Asks before something is done; only where somebody is there to answer. */
import { createInterface } from "node:readline/promises";
import type { CommandContext } from "../command.ts";

/** True without asking where there is no terminal. */
export async function confirm(context: CommandContext, question: string): Promise<boolean> {
  const { stdin, stderr, interrupted } = context;
  if (!(stdin as NodeJS.ReadStream).isTTY || !stderr.isTTY) return true;
  const reader = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await reader.question(`${question} (Y/n) `, { signal: interrupted });
    return !/^\s*n/i.test(answer);
  } finally {
    reader.close();
  }
}
