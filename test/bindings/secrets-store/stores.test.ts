import { join } from "node:path";
import { expect, test } from "vitest";
import { MemorySecretsStore } from "../../../src/bindings/secrets-store/memory-store.ts";
import { SqliteSecretsStore } from "../../../src/bindings/secrets-store/sqlite-store.ts";
import { systemClock } from "../../../src/storage/clock.ts";
import { temporaryFolder } from "../../storage/temporary-folder.ts";
import { describeSecretsStore } from "./store-suite.ts";

describeSecretsStore("memory", async clock => new MemorySecretsStore(clock));
describeSecretsStore(
  "SQLite",
  async clock => new SqliteSecretsStore(join(temporaryFolder(), "s.sqlite"), clock),
);

test("a change is seen by another process's store at once", async () => {
  const file = join(temporaryFolder(), "s.sqlite");
  const [one, other] = [new SqliteSecretsStore(file, systemClock), new SqliteSecretsStore(file, systemClock)];
  expect(await other.get("KEY")).toBeNull();
  const { id } = await one.create({ name: "KEY", value: "1", comment: "", scopes: [] });
  expect(await other.get("KEY")).toBe("1");
  await one.update(id, { value: "2" });
  expect(await other.get("KEY")).toBe("2");
  await Promise.all([one.close(), other.close()]);
});
