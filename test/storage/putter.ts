/** A process that puts until it is killed, and says on stdout what was acknowledged. */
import { writeSync } from "node:fs";
import { SqliteKVStore } from "../../src/bindings/kv/sqlite-store.ts";
import { storePaths } from "../../src/storage/paths.ts";

const [stateDir = "", name = ""] = process.argv.slice(2);
const store = new SqliteKVStore(storePaths(stateDir, "kv", "shared"), { now: () => Date.now() });
const options = { expiration: null, metadata: null };

async function put(index: number): Promise<void> {
  const key = `${name}-${index}`;
  // Every seventh value is a file.
  const value = Buffer.from(key.repeat(index % 7 === 0 ? 20_000 : 10));
  await store.put(key, value, options);
  writeSync(1, `${key}\n`);
}

writeSync(1, "started\n");
for (let index = 0; index < 1000; index += 4) {
  await Promise.all([put(index), put(index + 1), put(index + 2), put(index + 3)]);
}
await store.close();
writeSync(1, "finished\n");
