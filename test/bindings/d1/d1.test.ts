import { describe, expect, test } from "vitest";
import type { D1Store } from "../../../src/bindings/d1/store.ts";
import { eachEngine } from "../../helpers/each-engine.ts";
import { ILLEGAL_INVOCATION } from "../../helpers/illegal-invocation.ts";

// As its users have it: an error is known by its class.
const { D1QueryError } = (await import(
  "../../../dist/index.js" as string
)) as typeof import("../../../src/index.ts");

// biome-ignore lint/suspicious/noExplicitAny: whatever a worker may call it with
type Guest = { env: { DB: any; SAME: any; OTHER: any } };

const options = {
  bindings: [
    { type: "d1", name: "DB", id: "one" },
    { type: "d1", name: "SAME", id: "one" },
    { type: "d1", name: "OTHER", id: "../../two" },
  ],
};

/** Statements that are refused, and how: the texts are workerd's. */
const REFUSED: readonly (readonly [sql: string, message: string])[] = [
  ["selct 1", 'near "selct": syntax error at offset 0: SQLITE_ERROR'],
  ["select * frm t", 'near "frm": syntax error at offset 9: SQLITE_ERROR'],
  ["select 'é', nope", "no such column: nope at offset 13: SQLITE_ERROR"],
  ["select * from nope", "no such table: nope: SQLITE_ERROR"],
  ["select nofunc(1)", "no such function: nofunc at offset 7: SQLITE_ERROR"],
  ["select abs()", "wrong number of arguments to function abs() at offset 7: SQLITE_ERROR"],
  ["select 'abc", 'unrecognized token: "\'abc" at offset 7: SQLITE_ERROR'],
  ["", "No SQL statements detected."],
  ["-- nothing", "No SQL statements detected."],
  [";", "SQL code did not contain a statement."],
  ["attach 'x.sqlite' as x", "not authorized: SQLITE_AUTH"],
  ["detach main", "not authorized: SQLITE_AUTH"],
  ["vacuum into 'stolen.sqlite'", "cannot VACUUM from within a transaction: SQLITE_ERROR"],
  ["pragma journal_mode = delete", "not authorized: SQLITE_AUTH"],
  ["pragma writable_schema = on", "not authorized: SQLITE_AUTH"],
  ["pragma user_version", "not authorized: SQLITE_AUTH"],
  ["pragma temp_store_directory = '/'", "not authorized: SQLITE_AUTH"],
  ["pragma hard_heap_limit = 1", "not authorized: SQLITE_AUTH"],
  ["select * from pragma_database_list", "not authorized: SQLITE_AUTH"],
  ["select sqlite_version()", "not authorized to use function: sqlite_version at offset 7: SQLITE_ERROR"],
  ["select load_extension('x')", "not authorized: SQLITE_ERROR"],
  ["select readfile('/etc/passwd')", "no such function: readfile at offset 7: SQLITE_ERROR"],
  ["select median(1)", "no such function: median at offset 7: SQLITE_ERROR"],
  ["create temp table x (a)", "not authorized: SQLITE_AUTH"],
  ["create table _cf_x (a)", "not authorized: SQLITE_AUTH"],
  ["create table _CF_X (a)", "not authorized: SQLITE_AUTH"],
  ["create view _cf_v as select 1", "not authorized: SQLITE_AUTH"],
  ["alter table kept rename to _cf_kept", "not authorized: SQLITE_AUTH"],
  ["pragma table_info(_cf_x)", "not authorized: SQLITE_AUTH"],
  [
    "insert into sqlite_master values (1, 2, 3, 4, 5)",
    "table sqlite_master may not be modified: SQLITE_ERROR",
  ],
  ["delete from sqlite_schema", "table sqlite_master may not be modified: SQLITE_ERROR"],
  ["create table sqlite_x (a)", "object name reserved for internal use: sqlite_x: SQLITE_ERROR"],
  ["create virtual table v using fts4 (a)", "not authorized: SQLITE_AUTH"],
  ["create virtual table v using dbstat", "not authorized: SQLITE_AUTH"],
  ["select * from dbstat", "no such table: dbstat: SQLITE_ERROR"],
];

const TRANSACTIONS = [
  "begin",
  "BEGIN IMMEDIATE",
  "commit",
  "rollback",
  "savepoint a",
  "release a",
  "end",
  "/* x */ begin",
];

eachEngine(
  "D1Database",
  (run, { load }) => {
    test("has the classes and members of the platform", async () => {
      expect(
        await run(function (this: Guest) {
          const { DB } = this.env;
          const names = (object: object) => Object.getOwnPropertyNames(Object.getPrototypeOf(object)).sort();
          const statement = DB.prepare("select ?").bind(true, new Uint8Array([1, 2]));
          const illegal = (work: () => unknown) => {
            try {
              work();
              return "allowed";
            } catch (error) {
              return String(error);
            }
          };
          return {
            classes: [DB, statement, DB.withSession()].map(object => object.constructor.name),
            globals: [
              typeof (globalThis as never)["D1Database"],
              typeof (globalThis as never)["D1PreparedStatement"],
            ],
            members: [names(DB), names(statement), names(DB.withSession())],
            own: JSON.stringify(statement),
            illegal: [
              illegal(() => new DB.constructor()),
              illegal(() => DB.prepare.call({}, "select 1")),
              illegal(() => statement.bind.call({})),
              illegal(() => statement.bind.call(DB)),
            ],
          };
        }),
      ).toEqual({
        classes: ["D1Database", "D1PreparedStatement", "D1DatabaseSession"],
        globals: ["undefined", "undefined"],
        members: [
          ["batch", "constructor", "dump", "exec", "prepare", "withSession"],
          ["all", "bind", "constructor", "first", "raw", "run"],
          ["batch", "constructor", "getBookmark", "prepare"],
        ],
        own: '{"statement":"select ?","params":[1,[1,2]]}',
        illegal: ["TypeError: Illegal constructor", ...Array(3).fill(ILLEGAL_INVOCATION)],
      });
    });

    test("all, run, first, raw and batch", async () => {
      expect(
        await run(async function (this: Guest) {
          const { DB, SAME } = this.env;
          await DB.exec("create table users (id integer primary key, name text, avatar blob)");
          const insert = DB.prepare("insert into users (name, avatar) values (?1, ?2)");
          const first = await insert.bind("ada", new Uint8Array([1, 255])).run();
          await insert.bind("bob", null).run();
          const all = await SAME.prepare("select * from users order by id").all();
          const byName = DB.prepare("select id, name, id as __proto__ from users where name = ?");
          return {
            first: { ...first, meta: Object.keys(first.meta).sort() },
            meta: [
              first.meta.changes,
              first.meta.last_row_id,
              first.meta.changed_db,
              first.meta.rows_written,
            ],
            served: [
              first.meta.served_by_primary,
              first.meta.total_attempts,
              typeof first.meta.timings.sql_duration_ms,
            ],
            all: all.results,
            success: all.success,
            run: (await DB.prepare("select 1 as one").run()).results,
            row: JSON.stringify(await byName.bind("bob").first()),
            column: await byName.bind("ada").first("name"),
            none: [await byName.bind("eve").first(), await byName.bind("eve").first("name")],
            raw: await DB.prepare("select name, name from users").raw(),
            named: await DB.prepare("select id, name from users where 0").raw({ columnNames: true }),
            batch: (
              await DB.batch([insert.bind("cy", null), DB.prepare("select count(*) as n from users")])
            ).map((result: { results: unknown }) => result.results),
            twice: (await DB.prepare("select 1 as a, 2 as a").all()).results,
          };
        }),
      ).toEqual({
        first: {
          success: true,
          results: [],
          meta: [
            "changed_db",
            "changes",
            "duration",
            "last_row_id",
            "rows_read",
            "rows_written",
            "served_by",
            "served_by_primary",
            "size_after",
            "timings",
            "total_attempts",
          ],
        },
        meta: [1, 1, true, 1],
        served: [true, 1, "number"],
        all: [
          { id: 1, name: "ada", avatar: [1, 255] },
          { id: 2, name: "bob", avatar: null },
        ],
        success: true,
        run: [{ one: 1 }],
        row: '{"id":2,"name":"bob","__proto__":2}',
        column: "ada",
        none: [null, null],
        raw: [
          ["ada", "ada"],
          ["bob", "bob"],
        ],
        named: [["id", "name"]],
        batch: [[], [{ n: 3 }]],
        twice: [{ a: 2 }],
      });
    });

    test("bind takes what D1 takes", async () => {
      const results = await run(async function (this: Guest) {
        const values: Record<string, unknown> = {
          array: [1, 2],
          empty: [],
          buffer: new Uint8Array([9, 8, 7]).buffer,
          view: new Uint8Array([0, 1, 2, 3]).subarray(1, 3),
          wide: new Uint16Array([1, 500]),
          true: true,
          false: false,
          nan: Number.NaN,
          infinity: Number.POSITIVE_INFINITY,
          text: "é\0x",
          lone: "\ud800",
          null: null,
        };
        const found: Record<string, unknown> = {};
        for (const [name, value] of Object.entries(values)) {
          found[name] = (await this.env.DB.prepare("select ?1, typeof(?1)").bind(value).raw())[0];
        }
        return found;
      });
      expect(results).toEqual({
        array: [[1, 2], "blob"],
        empty: [[], "blob"],
        buffer: [[9, 8, 7], "blob"],
        view: [[1, 2], "blob"],
        wide: [[1, 244], "blob"],
        true: [1, "real"],
        false: [0, "real"],
        nan: [null, "null"],
        infinity: [null, "null"],
        text: ["é\0x", "text"],
        lone: ["\ufffd", "text"],
        null: [null, "null"],
      });
    });

    test("bind refuses the rest, in D1's words", async () => {
      const errors = await run(function (this: Guest) {
        const statement = this.env.DB.prepare("select ?");
        const values = [undefined, 1n, {}, [1, 300], [-1], ["a"], new Map(), /x/, function named() {}];
        return values.map(value => {
          try {
            statement.bind(value);
            return ["allowed"];
          } catch (error) {
            const { name, message, cause } = error as Error;
            return [
              name,
              message.replace(/function.*$/s, "…"),
              (cause as Error).message === message.slice("D1_TYPE_ERROR: ".length),
            ];
          }
        });
      });
      const of = (type: string, value: string) => [
        "Error",
        `D1_TYPE_ERROR: Type '${type}' not supported for value '${value}'`,
        true,
      ];
      expect(errors.slice(0, 8)).toEqual([
        of("undefined", "undefined"),
        of("bigint", "1"),
        of("object", "[object Object]"),
        of("object", "1,300"),
        of("object", "-1"),
        of("object", "a"),
        of("object", "[object Map]"),
        of("object", "/x/"),
      ]);
      expect(errors[8]?.[1]).toBe("D1_TYPE_ERROR: Type '…");
    });

    test("errors are D1's, with their cause", async () => {
      const messages = await run(
        async function (this: Guest, statements: readonly string[]) {
          await this.env.DB.exec("create table if not exists kept (a)");
          const found: unknown[] = [];
          for (const sql of statements) {
            found.push(
              await this.env.DB.prepare(sql)
                .all()
                .then(
                  () => [sql, "allowed"],
                  ({ name, message, cause }: Error) => [sql, message, name, (cause as Error).message],
                ),
            );
          }
          return found;
        },
        REFUSED.map(([sql]) => sql),
      );
      expect(messages).toEqual(
        REFUSED.map(([sql, message]) => [sql, `D1_ERROR: ${message}`, "Error", message]),
      );
    });

    test("transactions are not for SQL", async () => {
      const messages = await run(async function (this: Guest, statements: readonly string[]) {
        const found: string[] = [];
        for (const sql of statements)
          found.push(
            await this.env.DB.prepare(sql)
              .run()
              .catch((error: Error) => error.message),
          );
        return found;
      }, TRANSACTIONS);
      for (const message of messages) {
        expect(message).toMatch(
          /^D1_ERROR: To execute a transaction, please use the state\.storage\.transaction\(\)/,
        );
      }
    });

    test("constraints have SQLite's names", async () => {
      expect(
        await run(async function (this: Guest) {
          const { DB } = this.env;
          await DB.exec("create table parents (id integer primary key)");
          await DB.exec(
            "create table things (id integer primary key, u text unique, n text not null default '', c int check (c > 0), p references parents (id) deferrable initially deferred)",
          );
          await DB.exec("create table strictly (a int) strict");
          const refusal = (sql: string) =>
            DB.prepare(sql)
              .run()
              .then(
                () => "allowed",
                (error: Error) => error.message,
              );
          return [
            await refusal("insert into things (u) values ('a'), ('a')"),
            await refusal("insert into things (n) values (null)"),
            await refusal("insert into things (c) values (0)"),
            await refusal("insert into things (p) values (1)"),
            await refusal("insert into things (id) values (1), (1)"),
            await refusal("insert into strictly values ('x')"),
            await refusal("insert into things (id) values ('x')"),
            await DB.batch([
              DB.prepare("insert into things (p) values (7)"),
              DB.prepare("insert into parents values (7)"),
            ]).then(() => "allowed"),
            await DB.prepare("select count(*) as n from things").first("n"),
          ];
        }),
      ).toEqual([
        "D1_ERROR: UNIQUE constraint failed: things.u: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)",
        "D1_ERROR: NOT NULL constraint failed: things.n: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_NOTNULL)",
        "D1_ERROR: CHECK constraint failed: c > 0: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_CHECK)",
        "D1_ERROR: FOREIGN KEY constraint failed: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_FOREIGNKEY)",
        "D1_ERROR: UNIQUE constraint failed: things.id: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_PRIMARYKEY)",
        "D1_ERROR: cannot store TEXT value in INT column strictly.a: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_DATATYPE)",
        "D1_ERROR: datatype mismatch: SQLITE_MISMATCH",
        "allowed",
        1,
      ]);
    });

    test("exec takes a statement a line", async () => {
      expect(
        await run(async function (this: Guest) {
          const { OTHER } = this.env;
          const counted = await OTHER.exec(
            "create table lines (a);\ninsert into lines values (1);\n\n-- nothing\ninsert into lines values (2)\n",
          );
          const failed = await OTHER.exec("insert into lines values (3);\ninsert into nope values (1)").catch(
            (error: Error) => [error.message, (error.cause as Error).message],
          );
          const broken = await OTHER.exec("insert into lines\nvalues (4)").catch(
            (error: Error) => error.message,
          );
          return [
            counted.count,
            typeof counted.duration,
            failed,
            broken,
            await OTHER.prepare("select count(*) as n from lines").first("n"),
          ];
        }),
      ).toEqual([
        3,
        "number",
        [
          "D1_EXEC_ERROR: Error in line 1: insert into lines values (3);: no such table: nope: SQLITE_ERROR",
          "Error in line 1: insert into lines values (3);: no such table: nope: SQLITE_ERROR",
        ],
        "D1_EXEC_ERROR: Error in line 1: insert into lines: incomplete input: SQLITE_ERROR",
        2,
      ]);
    });

    test("sessions have bookmarks", async () => {
      expect(
        await run(async function (this: Guest) {
          const { DB } = this.env;
          const session = DB.withSession("first-primary");
          const before = session.getBookmark();
          await session.prepare("create table if not exists marked (a)").run();
          const first = session.getBookmark();
          await session.batch([session.prepare("insert into marked values (1)")]);
          const second = session.getBookmark();
          await session.prepare("select 1").all();
          const resumed = DB.withSession(second);
          return {
            before,
            form: /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/.test(first),
            grows: first < second,
            stays: session.getBookmark() === second,
            resumed: [
              resumed.getBookmark() === second,
              await resumed.prepare("select count(*) as n from marked").first("n"),
            ],
            others: [
              DB.withSession().getBookmark(),
              DB.withSession(" ").getBookmark(),
              DB.withSession("first-unconstrained").getBookmark(),
            ],
          };
        }),
      ).toEqual({
        before: null,
        form: true,
        grows: true,
        stays: true,
        resumed: [true, 1],
        others: [null, null, null],
      });
    });

    test("has full text search, JSON, generated columns and what else D1 has of SQLite", async () => {
      expect(
        await run(async function (this: Guest) {
          const { DB } = this.env;
          await DB.exec("create virtual table texts using fts5 (body)");
          await DB.exec("insert into texts values ('hello wide world'), ('goodbye')");
          await DB.exec("create table made (a, b generated always as (a * 2) stored, j)");
          const one = (sql: string) =>
            DB.prepare(sql)
              .raw()
              .then((rows: unknown[][]) => rows[0]);
          return [
            await one(
              "select highlight(texts, 0, '[', ']') from texts where texts match 'wide' order by rank",
            ),
            await one(`insert into made (a, j) values (4, '{"x":[1,2]}') returning b, j ->> '$.x[1]'`),
            await one("select json_group_array(value) from json_each('[3,4]')"),
            await one("select sum(x) over (order by x), row_number() over () from (select 1 as x)"),
            await one(
              "with recursive c(x) as (select 1 union all select x + 1 from c where x < 5) select sum(x) from c",
            ),
            (await DB.prepare("pragma table_xinfo(made)").all()).results.length,
            (await DB.prepare("pragma table_list").all()).results.some(
              (row: { name: string }) => row.name === "made",
            ),
            (await DB.prepare("pragma foreign_keys = off; pragma foreign_keys").all()).results,
            (await DB.prepare("pragma optimize").run()).success,
          ];
        }),
      ).toEqual([
        ["hello [wide] world"],
        [8, 2],
        ["[3,4]"],
        [1, 1],
        [15],
        3,
        true,
        [{ foreign_keys: 1 }],
        true,
      ]);
    });

    test("D1's limits", async () => {
      expect(
        await run(async function (this: Guest) {
          const { DB } = this.env;
          const outcome = (sql: string, ...values: unknown[]) =>
            DB.prepare(sql)
              .bind(...values)
              .raw()
              .then(
                () => "allowed",
                (error: Error) => error.message,
              );
          const list = (length: number, item = "?") => Array(length).fill(item).join();
          return [
            await outcome(`select ${list(100)}`, ...Array(100).fill(1)),
            await outcome(`select ${list(101)}`, ...Array(101).fill(1)),
            await outcome(`select 1 --${"x".repeat(99_989)}`),
            await outcome(`select 1 --${"x".repeat(99_990)}`),
            await outcome("select length(?)", "x".repeat(2_000_000)),
            await outcome("select length(?)", "x".repeat(2_000_001)),
            await outcome("select 'a' like ?", "a".repeat(50)),
            await outcome("select 'a' like ?", "a".repeat(51)),
            await outcome(`create table wide (${Array.from({ length: 101 }, (_, index) => `c${index}`)})`),
            await outcome(list(6, "select 1").replaceAll(",", " union all ")),
          ];
        }),
      ).toEqual([
        "allowed",
        "D1_ERROR: too many SQL variables at offset 207: SQLITE_ERROR",
        "allowed",
        "D1_ERROR: statement too long: SQLITE_TOOBIG",
        "allowed",
        "D1_ERROR: string or blob too big: SQLITE_TOOBIG",
        "allowed",
        "D1_ERROR: LIKE or GLOB pattern too complex: SQLITE_ERROR",
        "D1_ERROR: too many columns on wide: SQLITE_ERROR",
        "D1_ERROR: too many terms in compound SELECT: SQLITE_ERROR",
      ]);
    });

    test("a worker that has changed the language's own objects harms itself alone", async () => {
      const worker = await load({
        bindings: options.bindings,
        script: `export default {
          async run({ DB }) {
            const { parse, stringify } = JSON;
            JSON.parse = JSON.stringify = () => { throw new Error("changed"); };
            Promise.prototype.then = new Proxy(Promise.prototype.then, {});
            Object.defineProperty(Object.prototype, "a", { set() { throw new Error("set"); }, configurable: true });
            const rows = await DB.prepare("select 1 as b").raw();
            delete Object.prototype.a;
            Object.assign(JSON, { parse, stringify });
            return rows;
          },
        }`,
      });
      expect(await worker.invoke("run")).toEqual([[1]]);
      await worker.dispose();
    });

    test("each call is one subrequest", async () => {
      const worker = await load({
        bindings: options.bindings,
        limits: { subrequests: 3 },
        script: `export default {
          async count({ DB }) {
            const select = DB.prepare("select 1");
            const calls = [() => select.all(), () => DB.batch([select, select]), () => DB.exec("select 1"), () => select.first()];
            for (const [index, call] of calls.entries()) {
              try { await call(); } catch (error) { return [index, error.message]; }
            }
          },
        }`,
      });
      expect(await worker.invoke("count")).toEqual([3, expect.stringContaining("subrequests")]);
      await worker.dispose();
    });
  },
  options,
);

describe("statements of anything else", () => {
  eachEngine(
    "D1Database.batch",
    run => {
      test("takes what looks like a statement, and says what is none", async () => {
        expect(
          await run(async function (this: Guest) {
            const { DB } = this.env;
            const message = (work: () => Promise<unknown>) =>
              work().then(
                value => JSON.stringify(value),
                (error: Error) => error.message,
              );
            return [
              (await DB.batch([{ statement: "select ?1 as a", params: [3] }]))[0].results,
              await message(() => DB.batch([])),
              await message(() => DB.batch(["select 1"])),
              await message(() => DB.prepare(1).all()),
              await message(() => DB.batch([{ statement: "select ?1", params: [{}] }])),
            ];
          }),
        ).toEqual([
          [{ a: 3 }],
          "D1_ERROR: No SQL statements detected.",
          "D1_ERROR: Expected the SQL of a statement to be a string, not undefined",
          "D1_ERROR: Expected the SQL of a statement to be a string, not number",
          "D1_ERROR: Type 'object' not supported for value '{}'",
        ]);
      });
    },
    options,
  );
});

eachEngine("D1 stores of one's own", (_run, { load }) => {
  test("stand behind a binding, and their errors are D1's", async () => {
    const asked: string[] = [];
    const worker = await load({
      bindings: options.bindings,
      stores: {
        d1: (id: string, standard: () => D1Store) =>
          id === "one"
            ? ({
                query: async ([statement]) => {
                  asked.push(`${id}: ${statement?.sql} ${statement?.parameters}`);
                  throw new D1QueryError("no such luck");
                },
                script: async () => ({ bookmark: "", results: [] }),
                export: async () => {},
                dump: async () => new Uint8Array(),
                close: async () => void asked.push("closed"),
              } satisfies D1Store)
            : standard(),
      },
      script: `export default {
        async run({ DB, OTHER }) {
          return [
            await DB.prepare("select ?").bind(1).all().catch(error => error.message),
            await OTHER.prepare("select 1 as a").first("a"),
          ];
        },
      }`,
    });
    expect(await worker.invoke("run")).toEqual(["D1_ERROR: no such luck", 1]);
    await worker.dispose();
    expect(asked).toEqual(["one: select ? [1]", "closed"]);
  });
});
