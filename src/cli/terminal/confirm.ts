/** Asks before something is done that a person may want to think about: on a terminal only. A script is not asked. */
import type { CommandContext } from "../command.ts";

/**
 * True for yes, and where there is nobody to ask. The question goes to stderr; the Enter key alone gives `fallback`, the
 * end of the input and Ctrl-C are a no.
 */
export async function confirm(
  { stdin, stderr, interrupted }: CommandContext,
  question: string,
  fallback: "yes" | "no" = "no",
): Promise<boolean> {
  if (!(stdin as { isTTY?: boolean }).isTTY || !stderr.isTTY) return true;
  const { createInterface } = await import("node:readline/promises");
  const terminal = createInterface({ input: stdin, output: stderr });
  // An answer that the end of the input follows at once is heard of after that.
  const ended = new Promise<string>(resolve => terminal.once("close", () => setImmediate(resolve, "no")));
  const choice = fallback === "yes" ? "Y/n" : "y/N";
  try {
    const asked = terminal.question(`${question} (${choice}) `, { signal: interrupted });
    const answer = (await Promise.race([asked, ended]).catch(() => "no")).trim();
    return /^y(?:es)?$/i.test(answer === "" ? fallback : answer);
  } finally {
    terminal.close();
  }
}
