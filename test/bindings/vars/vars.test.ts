import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

const values = {
  TEXT: "plain",
  EMPTY: "",
  SECRET: "s3cret",
  NUMBER: 1.5,
  FLAG: false,
  NOTHING: null,
  LIST: [1, "two", null],
  OBJECT: { nested: { é: ["🧨"] }, __proto: 1 },
};

eachEngine(
  "variables",
  (run, { load }) => {
    test("are on env as what they are", async () => {
      expect(
        await run(function (this: { env: Record<string, unknown> }) {
          return { ...this.env };
        }),
      ).toEqual(values);
    });

    test("env is a plain object, and its own values are the worker's to change, as on workerd", async () => {
      expect(
        await run(function (this: {
          env: Record<string, never> & { OBJECT: { nested: unknown }; LIST: unknown[] };
        }) {
          const { env } = this;
          const frozen = [env, env.OBJECT, env.LIST].map(value => [
            Object.isFrozen(value),
            Object.isSealed(value),
          ]);
          env.LIST.push("three");
          const descriptor = Object.getOwnPropertyDescriptor(env, "TEXT");
          const clone = structuredClone(env);
          return {
            keys: Object.keys(env),
            own: Reflect.ownKeys(env).length,
            prototypes: [env, env.OBJECT].map(value => Object.getPrototypeOf(value) === Object.prototype),
            list: Array.isArray(env.LIST),
            types: Object.values(env).map(value => typeof value),
            frozen,
            descriptor,
            changed: env.LIST.length,
            cloned: [
              clone !== env,
              clone.OBJECT !== env.OBJECT,
              JSON.stringify(clone) === JSON.stringify(env),
            ],
            absent: ["ABSENT" in env, typeof env["ABSENT"]],
          };
        }),
      ).toEqual({
        keys: Object.keys(values),
        own: Object.keys(values).length,
        prototypes: [true, true],
        list: true,
        types: ["string", "string", "string", "number", "boolean", "object", "object", "object"],
        frozen: Array(3).fill([false, false]),
        descriptor: { value: "plain", writable: true, enumerable: true, configurable: true },
        changed: 4,
        cloned: [true, true, true],
        absent: [false, "undefined"],
      });
    });

    test("a value keeps its JSON, whatever is in it", async () => {
      const worker = await load({
        bindings: [
          { type: "var", name: "__proto__", value: "own" },
          {
            type: "var",
            name: "DEEP",
            value: JSON.parse('{"__proto__":{"a":1},"constructor":null,"\\u2028":"\\ud800"}'),
          },
          { type: "var", name: "with space", value: "x" },
        ],
        script: `export default { run: env => [Object.keys(env), Object.hasOwn(env, "__proto__"), env.DEEP, Object.keys(env.DEEP), env["with space"]] }`,
      });
      const [keys, own, deep, deepKeys, spaced] = (await worker.invoke("run")) as unknown[];
      expect([keys, own, deepKeys, spaced]).toEqual([
        ["__proto__", "DEEP", "with space"],
        true,
        ["__proto__", "constructor", "\u2028"],
        "x",
      ]);
      expect(JSON.stringify(deep)).toBe('{"__proto__":{"a":1},"constructor":null,"\u2028":"\\ud800"}');
      await worker.dispose();
    });

    test("one env serves all events of an isolate", async () => {
      const worker = await load({
        bindings: [{ type: "var", name: "LIST", value: [] }],
        script: `
          import { env as imported } from "cloudflare:workers";
          let first;
          export default { run(env) { first ??= env; env.LIST.push(1); return [env === first, env.LIST.length, imported.LIST === env.LIST]; } }`,
      });
      expect([await worker.invoke("run"), await worker.invoke("run")]).toEqual([
        [true, 1, true],
        [true, 2, true],
      ]);
      await worker.dispose();
    });
  },
  { bindings: Object.entries(values).map(([name, value]) => ({ type: "var", name, value })) },
);
