import { MemoryR2Store } from "../../../src/bindings/r2/memory-store.ts";
import { SqliteR2Store } from "../../../src/bindings/r2/sqlite-store.ts";
import { storePaths } from "../../../src/storage/paths.ts";
import { temporaryFolder } from "../../storage/temporary-folder.ts";
import { describeR2Store } from "./store-suite.ts";

describeR2Store("memory", async clock => new MemoryR2Store(clock));
describeR2Store(
  "SQLite",
  async clock => new SqliteR2Store(storePaths(temporaryFolder(), "r2", "test"), clock),
);
