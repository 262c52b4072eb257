import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { MemoryD1Store } from "../../../src/bindings/d1/memory-store.ts";
import { SqliteD1Store } from "../../../src/bindings/d1/sqlite-store.ts";
import { storePaths } from "../../../src/storage/paths.ts";
import { describeD1Store } from "./store-suite.ts";

const folder = mkdtempSync(join(tmpdir(), "worker-d1-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let opened = 0;

describeD1Store("memory", async limits => new MemoryD1Store(limits));
describeD1Store("SQLite", async limits => {
  opened++;
  return new SqliteD1Store(storePaths(folder, "d1", `test-${opened}`).database, limits);
});
