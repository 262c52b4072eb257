/** A process that inserts until it is killed, and says on stdout what was acknowledged. */
import { writeSync } from "node:fs";
import { d1Limits } from "../../../src/bindings/d1/limits.ts";
import { SqliteD1Store } from "../../../src/bindings/d1/sqlite-store.ts";

const [file = "", name = "", endless] = process.argv.slice(2);
const store = new SqliteD1Store(file, d1Limits);
await store.query([{ sql: "CREATE TABLE IF NOT EXISTS t (name TEXT)", parameters: "[]" }]);
writeSync(1, "started\n");
if (endless !== undefined) {
  await store.query([
    {
      sql: "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) INSERT INTO t SELECT x FROM c WHERE x < 0",
      parameters: "[]",
    },
  ]);
}
for (let index = 0; index < 400; index += 4) {
  const insert = async (row: string) => {
    await store.query([{ sql: "INSERT INTO t VALUES (?)", parameters: JSON.stringify([row]) }]);
    writeSync(1, `${row}\n`);
  };
  await Promise.all([0, 1, 2, 3].map(offset => insert(`${name}-${index + offset}`)));
}
await store.close();
writeSync(1, "finished\n");
