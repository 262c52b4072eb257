import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { R2Store, StoreFactories } from "../../../src/index.ts";
import { eachEngine } from "../../helpers/each-engine.ts";
import { temporaryFolder } from "../../storage/temporary-folder.ts";

const { MemoryR2Store, R2Error, UserError } = (await import(
  "../../../dist/index.js" as string
)) as typeof import("../../../src/index.ts");

const script = `export default {
  put: ({ R2 }, key, value) => R2.put(key, value).then(({ size }) => size),
  get: ({ R2 }, key) => R2.get(key).then(object => object?.text() ?? null),
  keys: async ({ SAME }) => (await SAME.list()).objects.map(({ key }) => key),
  other: ({ OTHER }, key) => OTHER.head(key),
};`;
const bindings = [
  { type: "r2", name: "R2", id: "mine" },
  { type: "r2", name: "SAME", id: "mine" },
  { type: "r2", name: "OTHER", id: "theirs" },
];

eachEngine("stores of one's own behind R2", (_, { load }) => {
  const start = (stores: StoreFactories, stateDir = temporaryFolder()) =>
    load({ script, bindings, stateDir, stores });

  test("stand behind the buckets of a name, and the state folder behind the others", async () => {
    const stateDir = temporaryFolder();
    const asked: string[] = [];
    const worker = await start(
      {
        r2: (id, standard) => {
          asked.push(id);
          return id === "mine" ? new MemoryR2Store() : standard();
        },
      },
      stateDir,
    );
    expect(await worker.invoke("put", "key", "value")).toBe(5);
    expect(await worker.invoke("get", "key")).toBe("value");
    expect(await worker.invoke("keys")).toEqual(["key"]);
    expect(await worker.invoke("other", "key")).toBeNull();
    expect(asked).toEqual(["mine", "theirs"]);
    expect(existsSync(join(stateDir, "r2", "mine.sqlite"))).toBe(false);
    expect(existsSync(join(stateDir, "r2", "theirs.sqlite"))).toBe(true);
    await worker.dispose();
  });

  test("their failures are the worker's, in R2's words where they are R2's", async () => {
    const failing = (error: Error): R2Store =>
      Object.assign(new MemoryR2Store(), { get: () => Promise.reject(error) });
    const failures: [Error, string][] = [
      [new RangeError("out of reach"), "out of reach"],
      [new R2Error("NoSuchUpload"), "get: The specified multipart upload does not exist. (10024)"],
      [
        new UserError("STATE_UNAVAILABLE", "The disk is full.", "Make room."),
        "get: The disk is full. Make room. (10001)",
      ],
    ];
    for (const [error, message] of failures) {
      const worker = await start({ r2: () => failing(error) });
      await expect(worker.invoke("get", "key")).rejects.toThrow(message);
      await worker.dispose();
    }
    const lacking = await start({ r2: () => ({ head: () => null }) as unknown as R2Store });
    await expect(lacking.invoke("get", "key")).rejects.toThrow(
      /returned something that is no store: it lacks get/,
    );
    await lacking.dispose();
  });
});
