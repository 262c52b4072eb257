/** `worker invoke`: one call of a function, its result as JSON. */

import { EXIT, UserError } from "../errors.ts";
import { withWorker } from "./one-shot.ts";
import type { ProjectInput } from "./project.ts";
import { readText } from "./read-text.ts";
import type { Surroundings } from "./surroundings.ts";

export interface Invocation {
  readonly name: string;
  /** As on the command line: each JSON, else a string; "-" alone reads all of them from stdin. */
  readonly args: readonly string[];
  readonly entrypoint: string | null;
}

/** Calls the function, and writes its result to stdout. Returns the exit code. */
export async function invokeFunction(
  surroundings: Surroundings,
  input: ProjectInput,
  invocation: Invocation,
): Promise<number> {
  const args = await parseArguments(invocation.args, surroundings);
  return withWorker(surroundings, input, async worker => {
    let json: string | null;
    try {
      const answer = await worker.dispatch("invoke", () => [
        invocation.name,
        JSON.stringify(args),
        invocation.entrypoint,
      ]);
      answer.release();
      [json] = answer.result as [string | null];
    } catch (error) {
      return worker.fail(error);
    }
    if (json !== null) surroundings.stdout.write(`${json}\n`);
    return EXIT.success;
  });
}

async function parseArguments(given: readonly string[], surroundings: Surroundings): Promise<unknown[]> {
  if (given.length !== 1 || given[0] !== "-") return given.map(parseArgument);
  const source = await readText(surroundings.stdin);
  let args: unknown;
  try {
    args = JSON.parse(source);
  } catch (error) {
    throw notAnArray(`it is not valid JSON (${(error as Error).message})`);
  }
  if (!Array.isArray(args)) throw notAnArray("it is JSON, but no array");
  return args;
}

function notAnArray(why: string): UserError {
  return new UserError(
    "USAGE",
    `The arguments on stdin cannot be used: ${why}.`,
    "With -, stdin holds one JSON array: echo '[1, \"two\"]' | worker invoke fn -",
  );
}

function parseArgument(argument: string): unknown {
  try {
    return JSON.parse(argument);
  } catch {
    return argument;
  }
}
