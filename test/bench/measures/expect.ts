import type { Agent } from "node:http";
import { ask } from "../processes/serve.ts";

/** Asks, and rejects unless the answer is the expected one. */
export async function expectAnswer(
  port: number,
  path: string,
  expected: string,
  agent?: Agent,
): Promise<void> {
  const answer = await ask(port, path, agent);
  if (answer?.body !== expected) throw new Error(`${path}: ${answer?.body ?? "no answer"}, not ${expected}`);
}
