import { request } from "node:http";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import { memoryIsUnreadable } from "../processes/resident-memory.ts";
import type { Contender } from "../processes/serve.ts";
import { serve } from "../processes/serve.ts";
import type { Side } from "../trial.ts";
import { growthMegabytes } from "./growth.ts";

const MB = 2 ** 20;
const CHUNK_BYTES = 64 * 1024;

/**
 * How far a server's memory rises while it echoes a body.
 * Each sample is a fresh process that has answered one small request.
 */
export function echoGrowth(name: string, contender: Contender, project: string, bodyMegabytes: number): Side {
  return {
    figures: [name],
    async open(workspace) {
      const reason = memoryIsUnreadable();
      if (reason !== undefined) throw new Error(reason);
      const folder = workspace.project(project);
      return async () => {
        const { port, process } = await serve(workspace, contender, folder, { path: "/", body: "" });
        await echo(port, CHUNK_BYTES);
        const growth = await growthMegabytes(process.pid, () => echo(port, bodyMegabytes * MB));
        await workspace.stop(process);
        return [growth];
      };
    },
  };
}

/** Sends a body and reads its echo. Rejects when the two differ. */
async function echo(port: number, bytes: number): Promise<void> {
  let sentSum = 0;
  let receivedSum = 0;
  let received = 0;
  const upload = request({ host: "127.0.0.1", port, method: "POST", agent: false });
  const download = new Promise<void>((resolve, reject) => {
    upload.on("error", reject);
    upload.on("response", response => {
      response.on("data", (chunk: Buffer) => {
        received += chunk.length;
        receivedSum = crc32(chunk, receivedSum);
      });
      response.on("end", resolve);
      response.on("error", reject);
    });
  });
  const sent = pipeline(function* () {
    for (let left = bytes, index = 0; left > 0; left -= CHUNK_BYTES, index++) {
      const chunk = Buffer.alloc(Math.min(left, CHUNK_BYTES), index & 0xff);
      sentSum = crc32(chunk, sentSum);
      yield chunk;
    }
  }, upload);
  await Promise.all([sent, download]);
  if (received !== bytes || receivedSum !== sentSum) {
    throw new Error(`an echo of ${bytes} bytes came back as ${received}, or changed`);
  }
}
