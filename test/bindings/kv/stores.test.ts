import { MemoryKVStore } from "../../../src/bindings/kv/memory-store.ts";
import { SqliteKVStore } from "../../../src/bindings/kv/sqlite-store.ts";
import { storePaths } from "../../../src/storage/paths.ts";
import { temporaryFolder } from "../../storage/temporary-folder.ts";
import { describeKVStore } from "./store-suite.ts";

describeKVStore("memory", async clock => new MemoryKVStore(clock));
describeKVStore(
  "SQLite",
  async clock => new SqliteKVStore(storePaths(temporaryFolder(), "kv", "test"), clock),
);
