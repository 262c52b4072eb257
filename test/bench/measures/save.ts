import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { answered, type Contender, type Server, serve } from "../processes/serve.ts";
import type { Workspace } from "../processes/workspace.ts";
import type { Side } from "../trial.ts";

/** As between two saves of a person: what a server prepares after a reload is ready. */
const PAUSE_MILLISECONDS = 500;

/** A watching server and the file that it serves. */
export interface Edited {
  readonly server: Server;
  /** Saves new code and waits for its first answer; how many milliseconds that took. */
  save(): Promise<number>;
}

export async function serveEdited(workspace: Workspace, contender: Contender): Promise<Edited> {
  const folder = workspace.project("hello");
  const file = join(folder, "index.js");
  const source = await readFile(file, "utf8");
  const server = await serve(workspace, contender, folder, { path: "/", body: "Hello World" });
  let revision = 0;
  return {
    server,
    async save() {
      const body = `Hello ${++revision}`;
      const startedAt = performance.now();
      await writeFile(file, source.replace("Hello World", body));
      await answered(server.process, server.port, { path: "/", body });
      return performance.now() - startedAt;
    },
  };
}

/** Milliseconds from the start of writing the file until the new text was read. */
export function saveToAnswer(contender: Contender): Side {
  return {
    figures: [contender.name],
    async open(workspace) {
      const { save } = await serveEdited(workspace, contender);
      return async () => {
        await delay(PAUSE_MILLISECONDS);
        return [await save()];
      };
    },
  };
}
