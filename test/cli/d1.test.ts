import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import { describe, expect, test, vi } from "vitest";
import { cli, folder, startCli, startServer } from "../helpers/cli.ts";

// Some of these run a dozen commands, beside others that do.
vi.setConfig({ testTimeout: 90_000 });

const CONFIG = {
  name: "shop",
  main: "index.js",
  compatibility_date: "2026-01-01",
  d1_databases: [{ binding: "DB", database_name: "shop-data", database_id: "11-22" }, { binding: "NOID" }],
};
const SCRIPT = `export default {
  async fetch(request, { DB }) {
    const sql = await request.text();
    return Response.json((await DB.prepare(sql).all()).results);
  },
};`;

const project = (config: object = CONFIG) =>
  folder({ "wrangler.json": JSON.stringify(config), "index.js": SCRIPT });
const d1 = (cwd: string, ...args: string[]) => cli(["d1", ...args], { cwd });
const tableOf = (...rows: string[]) => expect.stringContaining(rows.join("\n"));

describe.concurrent("worker d1 execute", () => {
  test("runs statements on a database named by binding, name or id, and prints JSON", async () => {
    const cwd = project();
    const made = await d1(
      cwd,
      "execute",
      "DB",
      "--command",
      "create table t (a, b); insert into t values (1, x'0102'), (null, 'é')",
    );
    expect(made).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("🚣 2 commands executed successfully."),
    });
    for (const name of ["DB", "shop-data", "11-22"]) {
      const { stdout, code } = await d1(
        cwd,
        "execute",
        name,
        "--command",
        "select * from t; select count(*) as n from t",
      );
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual([
        {
          results: [
            { a: 1, b: "[1, 2]" },
            { a: null, b: "é" },
          ],
          success: true,
          meta: { duration: expect.any(Number) },
        },
        { results: [{ n: 2 }], success: true, meta: { duration: expect.any(Number) } },
      ]);
    }
    expect(existsSync(join(cwd, ".worker/state/d1/11-22.sqlite"))).toBe(true);
  });

  test("--json says nothing else, errors included", async () => {
    const cwd = project();
    const good = await d1(cwd, "execute", "NOID", "--json", "--command", "select 1 as a");
    expect([good.stderr, JSON.parse(good.stdout)[0].results]).toEqual(["", [{ a: 1 }]]);
    const bad = await d1(cwd, "execute", "NOID", "--json", "--command", "select nope");
    expect(bad).toMatchObject({ code: 1, stderr: "" });
    expect(JSON.parse(bad.stdout)).toEqual({
      error: { text: "no such column: nope at offset 7: SQLITE_ERROR" },
    });
  });

  test("a statement that fails takes all of them back, and is told by its number", async () => {
    const cwd = project();
    const failed = await d1(
      cwd,
      "execute",
      "DB",
      "--command",
      "create table t (a);\ninsert into nope values (1)",
    );
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain(
      "error: The SQL failed in statement 2: no such table: nope: SQLITE_ERROR (SQL_FAILED)",
    );
    const { stdout } = await d1(cwd, "execute", "DB", "--command", "select count(*) as n from sqlite_schema");
    expect(JSON.parse(stdout)[0].results).toEqual([{ n: 0 }]);
  });

  test("reads a file, and stdin", async () => {
    const cwd = project();
    const sql = "create table t (a);\n-- two; rows\ninsert into t values ('a;b'), ('c');\n";
    writeFileSync(join(cwd, "seed.sql"), sql);
    expect((await d1(cwd, "execute", "DB", "--file", "seed.sql")).code).toBe(0);
    const piped = await cli(["d1", "execute", "DB", "--file", "-"], {
      cwd,
      input: "select count(*) as n from t",
    });
    expect(JSON.parse(piped.stdout)[0].results).toEqual([{ n: 2 }]);
  });

  test("takes what sqlite3 dumps", async () => {
    const cwd = project();
    const input =
      "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t(a);\nINSERT INTO t VALUES(1);\nCOMMIT;\n";
    expect(await cli(["d1", "execute", "DB", "--file", "-"], { cwd, input })).toMatchObject({ code: 0 });
  });

  test("a long literal and many statements are quick", async () => {
    const cwd = project();
    const long = "x".repeat(256 * 1024);
    const many = Array.from(
      { length: 5000 },
      (_, index) => `insert into t values (${index}, 'row; ${index}');`,
    ).join("\n");
    writeFileSync(
      join(cwd, "big.sql"),
      `create table t (a, b);\ninsert into t values (-1, '${long}');\n${many}\n`,
    );
    const { stdout, code } = await d1(cwd, "execute", "DB", "--json", "--file", "big.sql");
    expect(code).toBe(0);
    const results = JSON.parse(stdout) as { meta: { duration: number } }[];
    expect(results).toHaveLength(5002);
    expect(results[1]?.meta.duration).toBeLessThan(100);
    const check = await d1(
      cwd,
      "execute",
      "DB",
      "--json",
      "--command",
      "select length(b) as l from t where a = -1",
    );
    expect(JSON.parse(check.stdout)[0].results).toEqual([{ l: long.length }]);
  });

  test.each([
    [["execute", "nope", "--command", "select 1"], 2, "BINDING_NOT_FOUND", "It has DB (shop-data), NOID."],
    [["execute", "DB"], 2, "USAGE", "--command"],
    [["execute", "DB", "--command", "select 1", "--file", "x"], 2, "USAGE", "Leave out one"],
    [["execute", "DB", "--file", "missing.sql"], 2, "FILE_UNREADABLE", "--file"],
    [["execute", "DB", "--file", "data.sqlite"], 2, "FILE_UNREADABLE", ".dump"],
    [["execute", "DB", "--remote", "--command", "select 1"], 2, "USAGE", "leave it out"],
    [["export", "DB"], 2, "USAGE", "--output"],
    [["export", "DB", "--output", "x.sql", "--no-schema", "--no-data"], 2, "USAGE", "Leave out one"],
    [["export", "DB", "--output", "x.sql", "--table", "nope"], 1, "SQL_FAILED", "no such table: nope"],
    [["export", "DB", "--output", "missing/x.sql"], 2, "OUTPUT_UNWRITABLE", "--output"],
    [["migrations", "list", "DB"], 2, "FILE_UNREADABLE", "migrations create"],
    [["migrations", "create", "DB", "../x"], 2, "USAGE", "name of a file"],
  ])("%j is an error that says what to do", async (args, code, name, hint) => {
    const cwd = project();
    writeFileSync(join(cwd, "data.sqlite"), "SQLite format 3\0rest");
    const failed = await d1(cwd, ...args);
    expect(failed).toMatchObject({ code, stdout: "" });
    expect(failed.stderr).toContain(`(${name})`);
    expect(failed.stderr).toContain(hint);
    expect(failed.stderr).not.toMatch(/^\s+at /m);
  });
});

describe.concurrent("worker d1 migrations", () => {
  test("are created, listed and applied; one that fails leaves those before it", async () => {
    const cwd = project();
    const created = await d1(cwd, "migrations", "create", "shop-data", "add users");
    expect(created.stdout).toContain("Successfully created Migration '0001_add_users.sql'!");
    const path = (name: string) => join(cwd, "migrations", name);
    expect(readFileSync(path("0001_add_users.sql"), "utf8")).toMatch(/^-- Migration number: 0001 \t \S+Z\n$/);
    writeFileSync(
      path("0001_add_users.sql"),
      "create table users (id integer primary key, name text) -- no semicolon",
    );
    writeFileSync(path("0002_rows.sql"), "insert into users (name) values ('a;b');");
    writeFileSync(path("0010_bad.sql"), "create table half (a); insert into nope values (1);");
    writeFileSync(path("notes.txt"), "");
    const listed = await d1(cwd, "migrations", "list", "DB");
    expect(listed.stdout).toBe(
      [
        "Migrations to be applied:",
        "┌────────────────────┐",
        "│ Name               │",
        "├────────────────────┤",
        "│ 0001_add_users.sql │",
        "├────────────────────┤",
        "│ 0002_rows.sql      │",
        "├────────────────────┤",
        "│ 0010_bad.sql       │",
        "└────────────────────┘\n",
      ].join("\n"),
    );
    const applied = await d1(cwd, "migrations", "apply", "DB");
    expect(applied.code).toBe(1);
    expect(applied.stdout).toEqual(
      tableOf(
        "│ 0001_add_users.sql │ ✅     │",
        "├────────────────────┼────────┤",
        "│ 0002_rows.sql      │ ✅     │",
      ),
    );
    expect(applied.stderr).toContain(
      "Migration 0010_bad.sql failed in statement 2: no such table: nope: SQLITE_ERROR",
    );
    const tables = await d1(
      cwd,
      "execute",
      "DB",
      "--json",
      "--command",
      "select name from d1_migrations; select name from sqlite_schema where name = 'half'",
    );
    expect(JSON.parse(tables.stdout).map(({ results }: { results: unknown }) => results)).toEqual([
      [{ name: "0001_add_users.sql" }, { name: "0002_rows.sql" }],
      [],
    ]);
    writeFileSync(path("0010_bad.sql"), "create table half (a);");
    expect((await d1(cwd, "migrations", "apply", "DB", "-y")).code).toBe(0);
    expect((await d1(cwd, "migrations", "apply", "DB")).stdout).toBe("✅ No migrations to apply!\n");
    const next = await d1(cwd, "migrations", "create", "DB", "more");
    expect(next.stdout).toContain("0011_more.sql");
  });

  test("are where the configuration says, under the names of their tool", async () => {
    const cwd = project({
      ...CONFIG,
      d1_databases: [
        {
          binding: "DB",
          migrations_dir: "drizzle",
          migrations_pattern: "drizzle/*/migration.sql",
          migrations_table: "done",
        },
      ],
    });
    for (const [index, name] of ["0001_a", "0002_b"].entries()) {
      mkdirSync(join(cwd, "drizzle", name), { recursive: true });
      writeFileSync(join(cwd, "drizzle", name, "migration.sql"), `create table t${index} (a);`);
    }
    expect((await d1(cwd, "migrations", "apply", "DB")).code).toBe(0);
    const { stdout } = await d1(
      cwd,
      "execute",
      "DB",
      "--json",
      "--command",
      "select name from done order by id",
    );
    expect(JSON.parse(stdout)[0].results).toEqual([
      { name: "0001_a/migration.sql" },
      { name: "0002_b/migration.sql" },
    ]);
    const created = await d1(cwd, "migrations", "create", "DB", "x");
    expect(created).toMatchObject({ code: 2, stderr: expect.stringContaining("migrations_pattern") });
  });
});

describe.concurrent("worker d1 export, info and list", () => {
  test("an export makes the database again", async () => {
    const cwd = project();
    await d1(
      cwd,
      "execute",
      "DB",
      "--command",
      `create table "users" (id integer primary key autoincrement, name text); create table notes (user references users (id), body);
       insert into users (name) values ('it''s' || char(10) || 'two'), (null); insert into notes values (1, x'00ff'); create index i on notes (user)`,
    );
    expect(await d1(cwd, "export", "DB", "--output", "out.sql")).toMatchObject({ code: 0, stdout: "" });
    const sql = readFileSync(join(cwd, "out.sql"), "utf8");
    expect(sql).toContain(
      `INSERT INTO "users" ("id","name") VALUES(1,replace('it''s\\ntwo','\\n',char(10)));`,
    );
    expect((await d1(cwd, "execute", "NOID", "--file", "out.sql")).code).toBe(0);
    expect((await d1(cwd, "export", "NOID", "--output", "-")).stdout).toBe(sql);
    const schema = (await d1(cwd, "export", "DB", "--output", "-", "--no-data", "--table", "notes")).stdout;
    expect(schema).toBe(
      "PRAGMA defer_foreign_keys=TRUE;\nCREATE TABLE notes (user references users (id), body);\nCREATE INDEX i on notes (user);\n",
    );
    const data = (await d1(cwd, "export", "DB", "--output", "-", "--no-schema")).stdout;
    expect(data).not.toContain("CREATE");
    expect(data.match(/^INSERT/gm)).toHaveLength(4);
    // Any SQLite reads it.
    const database = new Sqlite(":memory:");
    database.exec(sql);
    expect(database.prepare("select name from users").pluck().all()).toEqual(["it's\ntwo", null]);
    database.close();
  });

  test("an export that is interrupted leaves what was there", async () => {
    const cwd = project();
    const rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 400000)";
    await d1(
      cwd,
      "execute",
      "DB",
      "--command",
      `create table t as ${rows} select i, hex(i) || '${"x".repeat(80)}' as v from n`,
    );
    writeFileSync(join(cwd, "out.sql"), "as before");
    const begun = new Promise<void>(resolve => {
      const watcher = watch(cwd, (_, name) => {
        if (!name?.endsWith(".tmp")) return;
        watcher.close();
        resolve();
      });
    });
    const running = startCli(["d1", "export", "DB", "--output", "out.sql"], { cwd });
    await begun;
    running.signal("SIGINT");
    expect(await running.ended).toBe(130);
    expect(readdirSync(cwd).filter(name => name.startsWith("out"))).toEqual(["out.sql"]);
    expect(readFileSync(join(cwd, "out.sql"), "utf8")).toBe("as before");
  });

  test("tell what there is, and make nothing", async () => {
    const cwd = project();
    const empty = await d1(cwd, "info", "DB", "--json");
    expect(JSON.parse(empty.stdout)).toMatchObject({
      uuid: "11-22",
      name: "shop-data",
      num_tables: 0,
      file_size: 0,
    });
    expect(existsSync(join(cwd, ".worker"))).toBe(false);
    await d1(cwd, "execute", "DB", "--command", "create table t (a); create table u (a)");
    const info = await d1(cwd, "info", "DB");
    expect(info.stdout).toEqual(tableOf("│ num_tables │ 2"));
    const list = await d1(cwd, "list", "--json");
    expect(JSON.parse(list.stdout)).toEqual([
      { binding: "DB", name: "shop-data", uuid: "11-22", file_size: expect.any(Number) },
      { binding: "NOID", name: "NOID", uuid: "NOID-shop", file_size: 0 },
    ]);
  });

  test("--persist-to is where the data is", async () => {
    const cwd = project();
    await d1(cwd, "execute", "DB", "--persist-to", "elsewhere", "--command", "create table t (a)");
    expect(existsSync(join(cwd, "elsewhere/d1/11-22.sqlite"))).toBe(true);
    expect(existsSync(join(cwd, ".worker"))).toBe(false);
  });
});

test("commands and a running server share a database", async () => {
  const cwd = project();
  const server = await startServer(["run"], { cwd });
  const ask = async (sql: string) => (await fetch(server.url, { method: "POST", body: sql })).json();
  await ask("create table t (a)");
  await d1(cwd, "execute", "DB", "--command", "insert into t values ('by command')");
  await ask("insert into t values ('by worker')");
  expect(await ask("select a from t order by rowid")).toEqual([{ a: "by command" }, { a: "by worker" }]);
  const { stdout } = await d1(cwd, "execute", "DB", "--json", "--command", "select count(*) as n from t");
  expect(JSON.parse(stdout)[0].results).toEqual([{ n: 2 }]);
});

const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));

describe.concurrent.each(["quickjs", "v8"])("libraries on %s", engine => {
  const config = {
    name: "orm",
    main: "index.ts",
    compatibility_date: "2026-01-01",
    d1_databases: [{ binding: "DB" }],
  };
  const withModules = (source: string) => {
    const cwd = folder({ "wrangler.json": JSON.stringify(config), "index.ts": source });
    symlinkSync(modules, join(cwd, "node_modules"), "junction");
    return cwd;
  };
  const invoke = async (cwd: string) => {
    const { stdout, stderr, code } = await cli(["invoke", "run", "--engine", engine], { cwd });
    // kysely-d1 is for an older kysely, which says so.
    expect([code, stderr.replace(/^kysely:warning: outdated driver.*\n/, "")]).toEqual([0, ""]);
    return JSON.parse(stdout) as unknown;
  };

  test("drizzle-orm", async () => {
    const cwd = withModules(`
      import { eq, relations, sql } from "drizzle-orm";
      import { drizzle } from "drizzle-orm/d1";
      import { blob, integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
      const users = sqliteTable("users", {
        id: integer().primaryKey({ autoIncrement: true }),
        name: text().notNull().unique(),
        score: real(),
        active: integer({ mode: "boolean" }).notNull().default(true),
        joined: integer({ mode: "timestamp_ms" }),
        tags: text({ mode: "json" }).$type<string[]>(),
        avatar: blob({ mode: "buffer" }),
      });
      const posts = sqliteTable("posts", {
        id: integer().primaryKey(),
        author: integer().notNull().references(() => users.id),
        title: text().notNull(),
      });
      const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }));
      const postsRelations = relations(posts, ({ one }) => ({ user: one(users, { fields: [posts.author], references: [users.id] }) }));
      export default {
        async run({ DB }) {
          const db = drizzle(DB, { schema: { users, posts, usersRelations, postsRelations } });
          await db.run(sql\`create table users (id integer primary key autoincrement, name text not null unique, score real, active integer not null default 1, joined integer, tags text, avatar blob)\`);
          await db.run(sql\`create table posts (id integer primary key, author integer not null references users (id), title text not null)\`);
          const [ada] = await db.insert(users).values({ name: "ada", score: 1.5, joined: new Date(5), tags: ["x"] }).returning();
          await db.batch([
            db.insert(users).values({ name: "bob", active: false }),
            db.insert(posts).values([{ author: ada.id, title: "one" }, { author: ada.id, title: "two" }]),
          ]);
          const updated = await db.update(users).set({ score: sql\`\${users.score} + 1\` }).where(eq(users.name, "ada")).returning({ score: users.score });
          const joined = await db.select({ name: users.name, title: posts.title }).from(posts).innerJoin(users, eq(users.id, posts.author)).orderBy(posts.id);
          const nested = await db.query.users.findMany({ with: { posts: { columns: { title: true } } }, columns: { name: true, active: true }, orderBy: users.id });
          const failed = await db.insert(users).values({ name: "ada" }).then(() => "inserted", error => String(error.cause?.message ?? error.message));
          return { ada: { ...ada, joined: ada.joined.getTime() }, updated, joined, nested, failed, deleted: (await db.delete(posts).run()).meta.changes };
        },
      };
    `);
    expect(await invoke(cwd)).toEqual({
      ada: { id: 1, name: "ada", score: 1.5, active: true, joined: 5, tags: ["x"], avatar: null },
      updated: [{ score: 2.5 }],
      joined: [
        { name: "ada", title: "one" },
        { name: "ada", title: "two" },
      ],
      nested: [
        { name: "ada", active: true, posts: [{ title: "one" }, { title: "two" }] },
        { name: "bob", active: false, posts: [] },
      ],
      failed: expect.stringContaining("UNIQUE constraint failed: users.name"),
      deleted: 2,
    });
  });

  test("kysely with kysely-d1", async () => {
    const cwd = withModules(`
      import { Kysely, sql } from "kysely";
      import { D1Dialect } from "kysely-d1";
      export default {
        async run({ DB }) {
          const db = new Kysely({ dialect: new D1Dialect({ database: DB }) });
          await db.schema.createTable("users").addColumn("id", "integer", column => column.primaryKey()).addColumn("name", "text").execute();
          const inserted = await db.insertInto("users").values([{ name: "ada" }, { name: "bob" }]).executeTakeFirst();
          const returned = await db.insertInto("users").values({ name: "cy" }).returningAll().executeTakeFirst();
          const updated = await db.updateTable("users").set({ name: "eve" }).where("id", "=", 2).executeTakeFirst();
          const rows = await db.selectFrom("users").selectAll().where("name", "!=", "ada").orderBy("id").execute();
          const tables = (await db.introspection.getTables()).map(table => table.name);
          const { rows: raw } = await sql\`select count(*) as n from users\`.execute(db);
          return { inserted: Number(inserted.insertId), returned, updated: Number(updated.numUpdatedRows), rows, tables, raw };
        },
      };
    `);
    expect(await invoke(cwd)).toEqual({
      inserted: 2,
      returned: { id: 3, name: "cy" },
      updated: 1,
      rows: [
        { id: 2, name: "eve" },
        { id: 3, name: "cy" },
      ],
      tables: ["users"],
      raw: [{ n: 3 }],
    });
  });
});
