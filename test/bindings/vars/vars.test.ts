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
  run => {
    test("are on env as what they are", async () => {
      expect(
        await run(function (this: { env: Record<string, unknown> }) {
          return { ...this.env };
        }),
      ).toEqual(values);
    });
  },
  { bindings: Object.entries(values).map(([name, value]) => ({ type: "var", name, value })) },
);
