import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type EngineName, worker } from "../contenders.ts";
import type { Command } from "../processes/process.ts";
import type { Side } from "../trial.ts";

const RESULT = '{"sum":7}\n';

/** Milliseconds of a whole process that does one thing and ends. */
export function wholeProcess(name: string, command: Command): Side {
  return {
    figures: [name],
    async open(workspace) {
      const folder = workspace.folder();
      return async () => [(await workspace.run(command, folder)).milliseconds];
    },
  };
}

/** Milliseconds of a whole `worker invoke`: right after the code has changed, and again with the same code. */
export function invoke(engine: EngineName): Side {
  const name = `worker invoke --engine ${engine}`;
  return {
    figures: [`${name}, code changed`, `${name}, unchanged`],
    async open(workspace) {
      const folder = workspace.project("functions");
      const file = join(folder, "index.js");
      const source = await readFile(file, "utf8");
      const command = worker("invoke", "add", "3", "4", "--engine", engine);
      const call = async () => {
        const { stdout, milliseconds } = await workspace.run(command, folder);
        if (stdout !== RESULT) throw new Error(`worker invoke printed ${JSON.stringify(stdout)}`);
        return milliseconds;
      };
      let revision = 0;
      return async () => {
        await writeFile(file, source.replace("revision = 0", `revision = ${++revision}`));
        return [await call(), await call()];
      };
    },
  };
}
