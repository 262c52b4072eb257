import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { MemoryAnalyticsStore } from "../../../src/bindings/analytics-engine/memory-store.ts";
import { SqliteAnalyticsStore } from "../../../src/bindings/analytics-engine/sqlite-store.ts";
import { temporaryFolder } from "../../storage/temporary-folder.ts";
import { describeAnalyticsStore, POINT } from "./store-suite.ts";

const openIn = (folder: string) => new SqliteAnalyticsStore(join(folder, "datasets.sqlite"));

describeAnalyticsStore("memory", async () => new MemoryAnalyticsStore());
describeAnalyticsStore("SQLite", async () => openIn(temporaryFolder()));

test("two processes write to one file", async () => {
  const folder = temporaryFolder();
  const [one, other] = [openIn(folder), openIn(folder)];
  await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? one : other).write([POINT])));
  expect(await one.points("visits")).toHaveLength(20);
  await Promise.all([one.close(), other.close()]);
});

test("a table that is gone, as when an older state is restored, is made again", async () => {
  const folder = temporaryFolder();
  const store = openIn(folder);
  await store.write([POINT]);
  const other = new Sqlite(join(folder, "datasets.sqlite"));
  other.exec("DROP TABLE visits");
  other.close();
  await store.write([POINT, POINT]);
  expect(await store.points("visits")).toHaveLength(2);
  await store.close();
});

test("what was written survives a kill", async () => {
  const folder = temporaryFolder();
  const program = join(folder, "write.ts");
  const store = new URL("../../../src/bindings/analytics-engine/sqlite-store.ts", import.meta.url).href;
  writeFileSync(
    program,
    `import { SqliteAnalyticsStore } from ${JSON.stringify(store)};
    const store = new SqliteAnalyticsStore(${JSON.stringify(join(folder, "datasets.sqlite"))});
    await store.write([${JSON.stringify(POINT)}, ${JSON.stringify(POINT)}]);
    process.kill(process.pid, "SIGKILL");`,
  );
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  expect(spawnSync(process.execPath, [program]).signal).toBe("SIGKILL");
  const again = openIn(folder);
  expect(await again.points("visits")).toHaveLength(2);
  await again.close();
});
