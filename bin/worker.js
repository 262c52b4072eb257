#!/usr/bin/env node
// Checks what this program needs before it loads anything that would not even parse without it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const REQUIRED_MAJOR = 24;

/** A Node.js that the project itself brings, by npm's `node` package. */
function projectNode() {
  const own = fileURLToPath(new URL("../../node/bin/node", import.meta.url));
  const local = join(process.cwd(), "node_modules/node/bin/node");
  return [own, local].find(path => path !== process.execPath && existsSync(path));
}

if (Number(process.versions.node.split(".")[0]) < REQUIRED_MAJOR) {
  const node = projectNode();
  if (node === undefined || process.env.WORKER_NODE_FOUND) {
    process.stderr.write(
      `error: worker needs Node.js ${REQUIRED_MAJOR} or newer; this is ${process.version}.\n` +
        "Install a newer one, or add it to the project: npm install --save-dev node@26\n",
    );
    process.exit(2);
  }
  const { status, signal } = spawnSync(node, process.argv.slice(1), {
    stdio: "inherit",
    env: { ...process.env, WORKER_NODE_FOUND: "1" },
  });
  if (signal !== null) process.kill(process.pid, signal);
  process.exit(status ?? 1);
}

const { WORKER_CACHE_DIR, XDG_CACHE_HOME } = process.env;
const cache = WORKER_CACHE_DIR || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "worker");
module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE || join(cache, "compiled"));

const { main } = await import("../dist/main.js");
await main(process.argv.slice(2));
