/** `node threads.ts PORT`: at each GET of /load, starts an empty worker thread and answers how many milliseconds that took. */
import { once } from "node:events";
import { createServer } from "node:http";
import { Worker } from "node:worker_threads";

async function load(): Promise<number> {
  const startedAt = performance.now();
  const thread = new Worker("require('node:worker_threads').parentPort.postMessage('here')", { eval: true });
  await once(thread, "message");
  const milliseconds = performance.now() - startedAt;
  await thread.terminate();
  return milliseconds;
}

createServer(async (request, response) => {
  response.end(request.url === "/load" ? String(await load()) : "ready");
}).listen(Number(process.argv[2]), "127.0.0.1");
