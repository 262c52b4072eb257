/** Workers with `connect` at hand, and the servers that they speak to. */
import net from "node:net";
import { generate } from "selfsigned";
import { afterAll, beforeAll } from "vitest";
import type { WorkerHandle } from "../../../src/index.ts";
import { type EngineContext, eachEngine, type Run } from "../../helpers/each-engine.ts";

const runner = (prelude: string) => `
import * as cloudflareSockets from "cloudflare:sockets";
globalThis.cloudflareSockets = cloudflareSockets;
${prelude}
export default {
  async run(env, source, args) {
    return { result: await (0, eval)("(" + source + ")")(...args) };
  },
};
`;

/** Like `eachEngine`, with the module's exports in `cloudflareSockets` and what the code of `prelude` makes. */
export function eachSocketEngine(
  title: string,
  suite: (run: Run, context: EngineContext) => void,
  prelude = "",
): void {
  eachEngine(title, (_, context) => {
    let worker: WorkerHandle;
    beforeAll(async () => {
      worker = await context.load({ unsafeEval: true, script: runner(prelude) });
    });
    const run: Run = async (guest, ...args) => {
      const answer = (await worker.invoke("run", guest.toString(), args)) as { result?: never };
      return answer.result as never;
    };
    suite(run, context);
  });
}

/** Opens a server for the time of the suite, on a port that is free. */
export function listening<S extends net.Server>(
  create: () => S | Promise<S>,
): { readonly port: number; server: S } {
  const open = new Set<net.Socket>();
  const opened = { port: 0 } as { port: number; server: S };
  beforeAll(async () => {
    opened.server = await create();
    opened.server.on("connection", (socket: net.Socket) => {
      socket.on("error", () => {});
      open.add(socket);
      socket.once("close", () => open.delete(socket));
    });
    opened.port = await portOf(opened.server);
  });
  afterAll(() => {
    for (const socket of open) socket.destroy();
    opened.server?.close();
  });
  return opened;
}

function portOf(server: net.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as net.AddressInfo).port));
  });
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  const port = await portOf(server);
  await new Promise(resolve => server.close(resolve));
  return port;
}

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate for these names, signed by itself. */
export async function selfSigned(...names: string[]): Promise<Certificate> {
  const made = await generate([{ name: "commonName", value: names[0] as string }], {
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: names.map(value => ({ type: 2 as const, value })) },
    ],
  });
  return { key: made.private, cert: made.cert };
}
