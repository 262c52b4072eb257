import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { failure, load as loadConfiguration, loadValue } from "../../config/helpers.ts";
import { cli, folder } from "../../helpers/cli.ts";
import { eachEngine } from "../../helpers/each-engine.ts";
import { freePort } from "../../web/sockets/kit.ts";
import { CLIENT } from "./client.ts";
import { OBSTACLE, runningPostgres } from "./postgres.ts";

const binding = (connectionString: string, name = "DB") => ({ type: "hyperdrive", name, connectionString });

/** A server that says what it is told, for whatever protocol. */
async function startEcho(): Promise<number> {
  const server = createServer(socket => {
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

eachEngine("Hyperdrive", (_run, { load }) => {
  test("has the properties of workerd's", async () => {
    const worker = await load({
      bindings: [
        binding("postgresql://us%40er:pa%2Fss@localhost:1/my%20db?sslmode=disable", "PG"),
        binding("mysql://root:x@localhost/db", "MY"),
      ],
      script: `export default { run({ PG, MY }) {
        const refusals = [];
        for (const call of [
          () => { "use strict"; PG.host = "x"; },
          () => PG.connect.call({}),
          () => new PG.constructor(Symbol("construction"), "PG", {}),
        ]) try { call(); refusals.push("none"); } catch (error) { refusals.push(error.constructor.name); }
        return [{ ...PG }, { ...MY }, String(PG), PG.host === PG.host && PG.host !== MY.host, refusals, typeof PG.connect];
      } }`,
    });
    const [pg, my, ...others] = (await worker.invoke("run")) as [
      Record<string, string>,
      Record<string, string>,
    ];
    const { host, ip, ...rest } = pg;
    expect(Object.keys(pg)).toEqual([
      "connectionString",
      "port",
      "host",
      "ip",
      "password",
      "user",
      "database",
    ]);
    expect([host, ip]).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}\.hyperdrive\.local$/),
      expect.stringMatching(/^240\.\d+\.\d+\.\d+$/),
    ]);
    expect(rest).toEqual({
      connectionString: `postgresql://us%40er:pa%2Fss@${host}:5432/my%20db?sslmode=disable`,
      port: 5432,
      user: "us@er",
      password: "pa/ss",
      database: "my db",
    });
    expect([my["port"], my["connectionString"]]).toEqual([
      3306,
      `mysql://root:x@${my["host"]}:3306/db?ssl-mode=disabled`,
    ]);
    expect(others).toEqual([
      "[object Hyperdrive]",
      true,
      ["TypeError", "TypeError", "TypeError"],
      "function",
    ]);
    await worker.dispose();
  });

  test("is reached by connect() of its own, and of cloudflare:sockets by host or address", async () => {
    const worker = await load({
      bindings: [binding(`postgres://u:p@127.0.0.1:${await startEcho()}/db`)],
      script: `
        import { connect } from "cloudflare:sockets";
        const talk = async socket => {
          const writer = socket.writable.getWriter();
          await writer.write(new TextEncoder().encode("hello"));
          const { value } = await socket.readable.getReader().read();
          await socket.close();
          return new TextDecoder().decode(value);
        };
        export default {
          async run({ DB }) {
            const { host, ip, port } = DB;
            const opened = await DB.connect().opened;
            return [
              opened.remoteAddress === host + ":" + port,
              await talk(DB.connect()),
              await talk(connect(host + ":" + port)),
              await talk(connect({ hostname: ip, port })),
              await talk(connect({ hostname: host, port }, { secureTransport: "starttls" })),
            ];
          },
        }`,
    });
    expect(await worker.invoke("run")).toEqual([true, ...Array(4).fill("hello")]);
    await worker.dispose();
  });

  test("says that there is no database, counts a subrequest, and waits for an event", async () => {
    const worker = await load({
      bindings: [binding(`postgres://u:p@127.0.0.1:${await freePort()}/db`)],
      limits: { subrequests: 1 },
      script: `
        import { env } from "cloudflare:workers";
        let early;
        try { env.DB.connect(); } catch (error) { early = error.message; }
        export default { async run({ DB }) {
          const messages = [early];
          for (let count = 0; count < 2; count++) await DB.connect().opened.catch(error => messages.push(error.message));
          return messages;
        } }`,
    });
    expect(await worker.invoke("run")).toEqual([
      expect.stringContaining("Disallowed operation called within global scope"),
      "connection attempt failed",
      expect.stringContaining("subrequests"),
    ]);
    await worker.dispose();
  });
});

describe.skipIf(OBSTACLE !== undefined)(
  `with PostgreSQL${OBSTACLE === undefined ? "" : ` (skipped: ${OBSTACLE})`}`,
  () => {
    const postgres = runningPostgres();
    const url = (query = "", host = "localhost") =>
      `postgres://ada:pa%3As%2Fs@${host}:${postgres.port}/postgres${query}`;

    eachEngine("Hyperdrive", (_run, { load }) => {
      const ask = async (connectionString: string, ...queries: string[]) => {
        const worker = await load({
          bindings: [binding(connectionString)],
          script: `${CLIENT}
          export default { async run({ DB }, queries) {
            const client = new Client(DB.connect());
            await client.login(DB);
            const answers = [];
            for (const sql of queries) answers.push(await client.query(sql));
            await client.end();
            return answers;
          } }`,
        });
        try {
          return await worker.invoke("run", queries);
        } finally {
          await worker.dispose();
        }
      };
      const TLS = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

      test("queries", async () => {
        expect(
          await ask(
            url(),
            "CREATE TEMPORARY TABLE notes (id serial, text text)",
            "INSERT INTO notes (text) VALUES ('é🧨'), (NULL)",
            "SELECT id, text, current_user FROM notes ORDER BY id",
            "SELECT repeat('x', 300000)",
            TLS,
          ),
        ).toEqual([
          [],
          [],
          [
            ["1", "é🧨", "ada"],
            ["2", null, "ada"],
          ],
          [["x".repeat(300_000)]],
          [["f"]],
        ]);
      });

      test.each(["?sslmode=require", "?sslmode=prefer"])("is reached with TLS: %s", async query => {
        expect(await ask(url(query), TLS)).toEqual([[["t"]]]);
      });

      test("is not reached where its certificate is not trusted, or its password wrong", async () => {
        await expect(ask(url("?sslmode=verify-full"), TLS)).rejects.toThrow("connection attempt failed");
        await expect(ask(url().replace("pa%3As", "wrong"), TLS)).rejects.toThrow(
          'password authentication failed for user "ada"',
        );
      });
    });
  },
);

test("a server without TLS: sslmode=prefer goes on without, require does not", async () => {
  const server = createServer(socket => {
    socket.on("error", () => {});
    socket.once("data", request => {
      socket.write(request.toString("hex") === "0000000804d2162f" ? "N" : "?");
      socket.pipe(socket);
    });
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const { Engine } = await import("../../helpers/each-engine.ts");
  const engine = await Engine.open();
  const worker = await engine.load({
    bindings: [
      binding(`postgres://u:p@127.0.0.1:${port}/db?sslmode=prefer`, "PREFER"),
      binding(`postgres://u:p@127.0.0.1:${port}/db?sslmode=require`, "REQUIRE"),
    ],
    script: `export default { async run({ PREFER, REQUIRE }) {
      const socket = PREFER.connect();
      await socket.writable.getWriter().write(new TextEncoder().encode("plain"));
      const { value } = await socket.readable.getReader().read();
      return [new TextDecoder().decode(value), await REQUIRE.connect().opened.catch(String)];
    } }`,
  });
  expect(await worker.invoke("run")).toEqual(["plain", "Error: connection attempt failed"]);
  await engine.close();
});

describe("the configuration", () => {
  const VARIABLE = "CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_DB";
  const OLDER = "WRANGLER_HYPERDRIVE_LOCAL_CONNECTION_STRING_DB";
  const config = (localConnectionString?: string) => ({
    hyperdrive: [{ binding: "DB", id: "x", localConnectionString }],
  });
  const connectionOf = async (value: object, processEnv: Record<string, string> = {}, files = {}) => {
    const { config, warnings } = await loadValue(value, { processEnv, runsWorker: true }, files);
    return [config.bindings.find(({ name }) => name === "DB")?.["connectionString"], warnings];
  };
  const [FILE, ENV, OLD] = ["postgres://file:x@h/d", "postgres://env:x@h/d", "mysql://old:x@h/d"];

  test("says where the database is, unless the environment does", async () => {
    expect(await connectionOf(config(FILE))).toEqual([FILE, []]);
    expect(await connectionOf(config(FILE), { [VARIABLE]: ENV, [OLDER]: OLD })).toEqual([ENV, []]);
    expect(await connectionOf(config(), { [VARIABLE]: ENV })).toEqual([ENV, []]);
    expect(await connectionOf(config(FILE), { [OLDER]: OLD })).toEqual([
      OLD,
      [expect.stringContaining(`${OLDER} is deprecated: call it ${VARIABLE}`)],
    ]);
    expect(await connectionOf(config(FILE), {}, { ".env": `${VARIABLE}=${ENV}` })).toEqual([ENV, []]);
  });

  test("without one is an error where the worker is to run, and nowhere else", async () => {
    const files = { "wrangler.json": JSON.stringify(config()) };
    const error = await failure(files, { runsWorker: true });
    expect([error.code, error.message, error.hint]).toEqual([
      "CONFIG_INVALID",
      "The Hyperdrive binding DB has no database to connect to: a worker that runs locally needs one of your own.",
      expect.stringContaining(`Set the variable ${VARIABLE}, or "localConnectionString" of the binding`),
    ]);
    const { config: loaded } = await loadConfiguration(files);
    expect(loaded.bindings).toMatchObject([{ name: "DB", connectionString: null }]);
  });

  test("is what dev and invoke need, and build does not", async () => {
    const cwd = folder({
      "wrangler.json": JSON.stringify({ main: "index.js", ...config() }),
      "index.js": "export default { database: env => env.DB.database }",
    });
    const [invoked, connected, built] = await Promise.all([
      cli(["invoke", "database"], { cwd }),
      cli(["invoke", "database"], { cwd, env: { [VARIABLE]: ENV } }),
      cli(["build", "--dry-run"], { cwd }),
    ]);
    expect([invoked.code, invoked.stderr]).toEqual([
      2,
      expect.stringContaining("has no database to connect to"),
    ]);
    expect([connected.code, connected.stdout]).toEqual([0, '"d"\n']);
    expect([built.code, built.stderr]).toEqual([0, ""]);
  });

  test.each([
    [
      "localhost/db",
      "should be a connection string such as postgres://user:password@localhost:5432/database",
    ],
    ["redis://u:p@h/d", "should begin with postgres:// or mysql://, not redis://"],
    ["postgres:///d", "lacks the name of the server"],
    ["postgres://u:p@h", "lacks the name of the database"],
    ["postgres://u:p@h/", "lacks the name of the database"],
    ["postgres://h/d", "lacks the name of the user"],
    ["postgres://u:p@h/d?sslmode=maybe", 'has an unknown sslmode "maybe"'],
    ["mysql://u:p@h/d?ssl-mode=REQUIRED", "asks for TLS, which databases of MySQL are not reached by"],
  ])("with %s is an error", async (connection, message) => {
    const inFile = await failure({ "wrangler.json": JSON.stringify(config(connection)) });
    expect(inFile.message).toContain(`"hyperdrive[0].localConnectionString" ${message}`);
    const inVariable = await failure(
      { "wrangler.json": JSON.stringify(config()) },
      { processEnv: { [VARIABLE]: connection } },
    );
    expect(inVariable.message).toContain(`The variable ${VARIABLE} ${message}`);
    expect(`${inVariable.message}${inVariable.hint}`).not.toContain("u:p@");
  });
});
