/** The host process of a server: starts what the supervisor says, answers its heartbeat, and ends when it is gone. */
import type { Server } from "node:net";
import { reportError } from "../engine/error-report.ts";
import { StackMapper } from "../engine/stack-traces.ts";
import type { FromHost, ToHost } from "./protocol.ts";
import { ServedHost } from "./serve.ts";

/** How long requests in flight may take when the server stops. */
const DRAIN_MS = 5000;

let host: Promise<ServedHost> | undefined;
let stopping = false;

const tell = (message: FromHost) => {
  if (process.connected) process.send?.(message);
};

function fail(error: unknown): void {
  tell({ kind: "fatal", report: reportError(error, new StackMapper(null)) });
}

process.on("message", (message: ToHost, handle: unknown) => {
  receive(message, handle).catch(fail);
});

// A supervisor that is gone, however it went, leaves nobody to serve for.
process.on("disconnect", () => process.exit(stopping ? 0 : 1));

// The terminal sends these to the whole group; the supervisor decides what they mean.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

async function receive(message: ToHost, handle: unknown): Promise<void> {
  switch (message.kind) {
    case "start":
      host = ServedHost.open(message.options);
      await host;
      break;
    case "listen": {
      const { server } = await required();
      server.once("error", fail);
      server.listen(handle as Server, () => tell({ kind: "listening" }));
      break;
    }
    case "hold":
      (await required()).hold();
      break;
    case "proceed":
      (await required()).proceed();
      break;
    case "broken":
      (await required()).breakDown(message.text);
      break;
    case "load": {
      const served = await required();
      try {
        tell({ kind: "loaded", description: await served.load(message.worker) });
      } catch (error) {
        tell({ kind: "load-failed", report: served.describeFailure(error) });
      }
      break;
    }
    case "refresh":
      (await required()).refresh();
      break;
    case "ping":
      tell({ kind: "pong" });
      break;
    case "stop":
      stopping = true;
      // One that could not be opened has been reported, and has nothing to close.
      await (await host?.catch(() => undefined))?.close(DRAIN_MS);
      process.disconnect?.();
      break;
  }
}

async function required(): Promise<ServedHost> {
  if (host === undefined) throw new Error("the host process was not started");
  return host;
}
