/** The commands by name, in the order of the help. Each is loaded when it is wanted: a short one would wait for all others. */
import type { Command } from "../command.ts";

const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  dev: async () => (await import("./dev.ts")).dev,
  build: async () => (await import("./build.ts")).build,
  run: async () => (await import("./run.ts")).run,
  invoke: async () => (await import("./invoke.ts")).invoke,
  cron: async () => (await import("./cron/index.ts")).cron,
  kv: async () => (await import("./kv/index.ts")).kv,
  r2: async () => (await import("./r2/index.ts")).r2,
  d1: async () => (await import("./d1/index.ts")).d1,
  analytics: async () => (await import("./analytics/index.ts")).analytics,
  email: async () => (await import("./email/index.ts")).email,
  "secrets-store": async () => (await import("./secrets-store/index.ts")).secretsStore,
  state: async () => (await import("./state/index.ts")).state,
};

/** The command of that name, alone; all of them where there is none. */
export async function loadCommands(name = ""): Promise<readonly Command[]> {
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  return Promise.all(load === undefined ? Object.values(loaders).map(each => each()) : [load()]);
}
