// biome-ignore-all lint/suspicious/noConsole: the guest's console shows the stand-ins
import { expect, test } from "vitest";
import { cli, folder } from "../../helpers/cli.ts";
import { eachEngine } from "../../helpers/each-engine.ts";

// biome-ignore lint/suspicious/noExplicitAny: whatever a worker may do with it
type Guest = { env: { AI: any } };

eachEngine(
  "a binding without a local form",
  (run, { consoleLines }) => {
    test("throws where it is called, and says what to do", async () => {
      const [message, ...others] = await run(function (this: Guest) {
        const { AI } = this.env;
        const thrown = (call: () => unknown) => {
          try {
            return call();
          } catch (error) {
            return String(error);
          }
        };
        return [
          () => AI.run("@cf/meta/llama", { prompt: "hello" }),
          () => AI.gateway("x").run(),
          () => AI.videos.of.mine.list(),
          () => new AI.Session(),
          () => AI.fetch.call(AI, "http://x/"),
          () => AI["any thing"](),
        ].map(thrown);
      });
      expect(message).toBe(
        "Error: env.AI.run(): the binding AI (Workers AI) has no local form, so nothing can be called on it here. " +
          "To do without it, hide it by an empty variable (--var AI:) and test it first, as in if (env.AI), " +
          'or name "ai" in another environment (--env) only.',
      );
      expect(others.map(text => String(text).split(":")[1]?.trim())).toEqual([
        "env.AI.gateway()",
        "env.AI.videos.of.mine.list()",
        "env.AI.Session()",
        "env.AI.fetch()",
        "env.AI.any thing()",
      ]);
    });

    test("can be looked at, awaited, logged and passed about", async () => {
      expect(
        await run(async function (this: Guest) {
          const { AI } = this.env;
          const awaited = await AI;
          const member = await AI.run;
          console.log(AI, [AI], { AI }, AI.run);
          console.log("%s %o", AI, AI);
          return {
            same: awaited === AI && (await Promise.resolve(AI)) === AI,
            types: [typeof AI, typeof AI.run, typeof member, typeof AI.then, typeof AI.run.then],
            json: JSON.stringify({ AI }),
            strings: [String(AI), `${AI}`, Object.prototype.toString.call(AI)],
            tag: AI[Symbol.toStringTag],
            symbols: [AI[Symbol.iterator], AI[Symbol.asyncDispose], AI[Symbol.for("x")]],
            keys: [Object.keys(AI), "run" in AI, Object.entries(AI), { ...AI }],
            truthy: Boolean(AI),
            equal: AI === this.env.AI,
          };
        }),
      ).toEqual({
        same: true,
        types: ["object", "function", "function", "undefined", "undefined"],
        json: '{"AI":{}}',
        strings: Array(3).fill("[object UnavailableBinding]"),
        tag: "UnavailableBinding",
        symbols: [null, null, null],
        keys: [[], false, [], {}],
        truthy: true,
        equal: true,
      });
      expect(consoleLines.slice(-2).map(([, text]) => text)).toEqual([
        "Proxy(UnavailableBinding {}) [ Proxy(UnavailableBinding {}) ] { AI: Proxy(UnavailableBinding {}) } Proxy([class (anonymous)])",
        "Proxy(UnavailableBinding {}) Proxy(UnavailableBinding {})",
      ]);
    });

    test("takes a method of the worker's own", async () => {
      expect(
        await run(async function (this: Guest) {
          const { AI } = this.env;
          AI.run = async (model: string) => `${model} says hello`;
          const said = await AI.run("mine");
          delete AI.run;
          return [said, typeof AI.run];
        }),
      ).toEqual(["mine says hello", "function"]);
    });
  },
  { bindings: [{ type: "unavailable", name: "AI", key: "ai", kind: "Workers AI" }] },
);

const PROJECT = {
  "wrangler.json": JSON.stringify({
    main: "index.js",
    ai: { binding: "AI" },
    vectorize: [
      { binding: "DOCS", index_name: "docs" },
      { binding: "USERS", index_name: "users" },
    ],
    containers: [{ class_name: "Box", image: "./Dockerfile" }],
  }),
  "index.js": `export default {
    use: env => env.AI ? env.AI.run("model") : "no AI",
    names: env => Object.keys(env),
  }`,
};

test("one warning names all of them", async () => {
  const { stdout, stderr, code } = await cli(["invoke", "names"], { cwd: folder(PROJECT) });
  expect([JSON.parse(stdout), code]).toEqual([["DOCS", "USERS", "AI"], 0]);
  expect(stderr).toBe(
    "warning: wrangler.json: no local form: DOCS (vectorize), USERS (vectorize), AI (ai), containers; what the worker calls on them throws\n",
  );
});

test("an empty variable hides one", async () => {
  const cwd = folder(PROJECT);
  const [used, hidden] = await Promise.all([
    cli(["invoke", "use"], { cwd }),
    cli(["invoke", "use", "--var", "AI:"], { cwd }),
  ]);
  expect(used.code).toBe(1);
  expect(used.stderr).toContain("env.AI.run(): the binding AI (Workers AI) has no local form");
  expect([hidden.stdout, hidden.code]).toEqual(['"no AI"\n', 0]);
});
