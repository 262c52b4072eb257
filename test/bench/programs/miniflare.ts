/** The worker of `projects/storage` in Miniflare, with its data on disk: `node miniflare.ts PORT`, in the project's folder. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// The peers are installed only for a run, so the types of this one are not there to check against.
const { Miniflare } = createRequire(import.meta.url)("miniflare") as {
  Miniflare: new (options: object) => { readonly ready: Promise<URL> };
};

const folder = process.cwd();
const state = join(folder, ".miniflare");

const miniflare = new Miniflare({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  name: "storage",
  modules: [{ type: "ESModule", path: "index.js", contents: readFileSync(join(folder, "index.js"), "utf8") }],
  compatibilityDate: "2026-07-01",
  kvNamespaces: { KV: "kv" },
  kvPersist: join(state, "kv"),
  r2Buckets: { R2: "r2" },
  r2Persist: join(state, "r2"),
  d1Databases: { D1: "d1" },
  d1Persist: join(state, "d1"),
  cachePersist: join(state, "cache"),
  assets: {
    directory: join(folder, "public"),
    binding: "ASSETS",
    routerConfig: { invoke_user_worker_ahead_of_assets: true, has_user_worker: true },
  },
});
await miniflare.ready;
