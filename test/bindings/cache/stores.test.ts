import { MemoryCacheStore } from "../../../src/bindings/cache/memory-store.ts";
import { SqliteCacheStore } from "../../../src/bindings/cache/sqlite-store.ts";
import { storePaths } from "../../../src/storage/paths.ts";
import { temporaryFolder } from "../../storage/temporary-folder.ts";
import { describeCacheStore } from "./store-suite.ts";

describeCacheStore("memory", async (clock, limits) => new MemoryCacheStore(clock, limits));
describeCacheStore(
  "SQLite",
  async (clock, limits) =>
    new SqliteCacheStore(storePaths(temporaryFolder(), "cache", "test"), clock, limits),
);
