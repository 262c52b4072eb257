/** A process that puts so many responses, or puts until it is killed, and says on stdout what was acknowledged. */
import { writeSync } from "node:fs";
import { SqliteCacheStore } from "../../../src/bindings/cache/sqlite-store.ts";

const [database = "", blobs = "", name = "", times = "Infinity"] = process.argv.slice(2);
const store = new SqliteCacheStore({ database, blobs }, { now: () => Date.now() });
const head = { status: 200, headers: [], madeAt: 0, expiresAt: Number.MAX_SAFE_INTEGER };

async function put(index: number): Promise<void> {
  const key = `${name}-${index}`;
  // Every seventh body is a file.
  const body = Buffer.from(key.repeat(index % 7 === 0 ? 20_000 : 10));
  await store.put("c", key, body, head);
  writeSync(1, `${key}\n`);
}

writeSync(1, "started\n");
for (let index = 0; index < Number(times); index += 4) {
  await Promise.all([put(index), put(index + 1), put(index + 2), put(index + 3)]);
}
await store.close();
writeSync(1, "finished\n");
