/** Requests per second, from a load generator in a process of its own: wrk where it is installed, else the one beside this file. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { node } from "../contenders.ts";
import type { Workspace } from "../processes/workspace.ts";
import type { LoadReport } from "./generator.ts";

export interface Load {
  readonly connections: number;
  readonly seconds: number;
}

const wrk = (process.env["PATH"] ?? "")
  .split(delimiter)
  .map(folder => join(folder, "wrk"))
  .find(isExecutable);

export const generatorName = wrk === undefined ? "own generator (test/bench/load/generator.ts)" : "wrk";

/** Rejects when any answer was not a success, or any connection failed. */
export async function requestsPerSecond(workspace: Workspace, port: number, load: Load): Promise<number> {
  return wrk === undefined ? byGenerator(workspace, port, load) : byWrk(wrk, workspace, port, load);
}

async function byWrk(file: string, workspace: Workspace, port: number, load: Load): Promise<number> {
  const args = ["-t1", `-c${load.connections}`, `-d${load.seconds}s`, `http://127.0.0.1:${port}/`];
  const { stdout } = await workspace.run({ file, args }, workspace.folder());
  const failures = /^\s*(Non-2xx or 3xx responses|Socket errors):.*$/m.exec(stdout);
  const rate = /^Requests\/sec:\s*([\d.]+)$/m.exec(stdout)?.[1];
  if (failures !== null || rate === undefined) throw new Error(`wrk: ${failures?.[0].trim() ?? stdout}`);
  return Number(rate);
}

async function byGenerator(workspace: Workspace, port: number, load: Load): Promise<number> {
  const script = fileURLToPath(new URL("generator.ts", import.meta.url));
  const command = node(script, String(port), String(load.connections), String(load.seconds));
  const { stdout } = await workspace.run(command, workspace.folder());
  const { responses, failures, seconds } = JSON.parse(stdout) as LoadReport;
  if (failures > 0) throw new Error(`${failures} of ${responses + failures} requests failed`);
  return responses / seconds;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
