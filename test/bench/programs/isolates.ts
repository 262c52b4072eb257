/**
 * `node isolates.ts PORT ENGINE SCRIPT`: an engine, opened once through the library, that loads the script as a worker
 * at each GET of /load and answers how many milliseconds that took.
 */
import { readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PRODUCT } from "../paths.ts";

const library = pathToFileURL(join(PRODUCT, "dist/index.js")).href;
const { Engine } = (await import(library)) as typeof import("../../../src/index.ts");

const [port, engineName, scriptPath = ""] = process.argv.slice(2);
const engine = await Engine.open({ engine: engineName as "quickjs" | "v8" });
const script = readFileSync(scriptPath, "utf8");
const stateDir = await mkdtemp(join(tmpdir(), "isolates-"));

async function load(): Promise<number> {
  const startedAt = performance.now();
  const worker = await engine.load({ script, stateDir });
  const milliseconds = performance.now() - startedAt;
  await worker.dispose();
  return milliseconds;
}

createServer(async (request, response) => {
  try {
    response.end(request.url === "/load" ? String(await load()) : "ready");
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}).listen(Number(port), "127.0.0.1");
