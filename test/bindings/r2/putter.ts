/** A process that puts objects and uploads parts until it is killed, and says on stdout what was acknowledged. */
import { writeSync } from "node:fs";
import { SqliteR2Store } from "../../../src/bindings/r2/sqlite-store.ts";
import { storePaths } from "../../../src/storage/paths.ts";

const [stateDir = "", name = ""] = process.argv.slice(2);
const store = new SqliteR2Store(storePaths(stateDir, "r2", "shared"), { now: () => Date.now() });
const metadata = {
  httpMetadata: {},
  customMetadata: [],
  storageClass: "Standard",
  ssecKeyMd5: null,
} as const;

async function put(index: number): Promise<void> {
  const key = `${name}-${index}`;
  const value = Buffer.from(key.repeat(index % 7 === 0 ? 20_000 : 10));
  if (index % 10 === 0) {
    const id = await store.createUpload(key, metadata);
    await store.putPart(key, id, 1, value);
    await store.putPart(key, id, 2, value);
    await store.completeUpload(key, id, parts => parts.slice(0, 1));
  } else {
    await store.put(key, value, { ...metadata, checksums: {}, onlyIf: () => true });
  }
  writeSync(1, `${key}\n`);
}

writeSync(1, "started\n");
for (let index = 0; index < 600; index += 4) {
  await Promise.all([put(index), put(index + 1), put(index + 2), put(index + 3)]);
}
await store.close();
writeSync(1, "finished\n");
