#!/usr/bin/env node
// Checks what this program needs before it loads anything that would not even parse without it. Node's own modules are
// loaded only where they are wanted: importing them makes each of their exports, which takes longer than all the rest here.
const REQUIRED_MAJOR = 24;

/** Has a Node.js that the project itself brings, by npm's `node` package, run this instead. */
async function leaveToAnotherNode() {
  const { spawnSync } = await import("node:child_process");
  const { existsSync } = await import("node:fs");
  const { join } = await import("node:path");
  const { fileURLToPath } = await import("node:url");
  const own = fileURLToPath(new URL("../../node/bin/node", import.meta.url));
  const local = join(process.cwd(), "node_modules/node/bin/node");
  const node = [own, local].find(path => path !== process.execPath && existsSync(path));
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

if (Number(process.versions.node.split(".")[0]) < REQUIRED_MAJOR) await leaveToAnotherNode();

const { WORKER_CACHE_DIR, XDG_CACHE_HOME, NODE_COMPILE_CACHE } = process.env;
const { join } = process.getBuiltinModule("node:path");
const userCache = () => XDG_CACHE_HOME || join(process.getBuiltinModule("node:os").homedir(), ".cache");
const compileCache = NODE_COMPILE_CACHE || join(WORKER_CACHE_DIR || join(userCache(), "worker"), "compiled");
process.getBuiltinModule("node:module").enableCompileCache(compileCache);

const argv = process.argv.slice(2);
let guess;
if (["invoke", "run", "cron"].includes(argv[0])) {
  const { startThreadEarly } = await import("../dist/early-thread.js");
  guess = startThreadEarly(argv, process.env, compileCache);
}
const { main } = await import("../dist/main.js");
await main(argv, guess);
