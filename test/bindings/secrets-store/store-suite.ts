/** What every SecretsStore must do. A new implementation calls `describeSecretsStore` with a way to open an empty one. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { NewSecret, SecretsStore } from "../../../src/bindings/secrets-store/store.ts";
import type { Clock } from "../../../src/storage/clock.ts";
import { ManualClock } from "../../storage/manual-clock.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const SECRET: NewSecret = {
  name: "KEY",
  value: "value é🧨\0'; --",
  comment: "of é",
  scopes: ["workers", "ai"],
};
const ABSENT = "0".repeat(32);

export function describeSecretsStore(name: string, open: (clock: Clock) => Promise<SecretsStore>): void {
  describe(`SecretsStore: ${name}`, () => {
    let clock: ManualClock;
    let store: SecretsStore;
    beforeEach(async () => {
      clock = new ManualClock(START);
      store = await open(clock);
    });
    afterEach(() => store.close());

    test("is empty at first", async () => {
      expect(await store.list()).toEqual([]);
      expect(await store.get("KEY")).toBeNull();
      expect(await store.update(ABSENT, { value: "x" })).toBeNull();
      expect(await store.delete(ABSENT)).toBe(false);
    });

    test("makes, gives and removes secrets", async () => {
      const made = await store.create(SECRET);
      const { value: _, ...described } = SECRET;
      expect(made).toEqual({
        ...described,
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        created: START,
        modified: START,
      });
      expect(await store.get("KEY")).toBe(SECRET.value);
      expect([await store.get("key"), await store.get("__proto__")]).toEqual([null, null]);
      expect(await store.delete(made.id)).toBe(true);
      expect([await store.get("KEY"), await store.list()]).toEqual([null, []]);
    });

    test("lists by name, without values", async () => {
      for (const name of ["B", "A", "C"]) await store.create({ ...SECRET, name });
      const listed = await store.list();
      expect(listed.map(({ name }) => name)).toEqual(["A", "B", "C"]);
      expect(JSON.stringify(listed)).not.toContain("value");
    });

    test("replaces a secret of the same name, id and all", async () => {
      const first = await store.create(SECRET);
      clock.advance(5);
      const second = await store.create({ ...SECRET, value: "new", comment: "", scopes: [] });
      expect(second).toMatchObject({ comment: "", scopes: [], created: START + 5, modified: START + 5 });
      expect(second.id).not.toBe(first.id);
      expect([await store.get("KEY"), await store.list()]).toEqual(["new", [second]]);
      expect(await store.delete(first.id)).toBe(false);
    });

    test("changes what is given, and nothing else", async () => {
      const made = await store.create(SECRET);
      clock.advance(7);
      expect(await store.update(made.id, { value: "new" })).toEqual({ ...made, modified: START + 7 });
      expect(await store.get("KEY")).toBe("new");
      expect(await store.update(made.id, { comment: "", scopes: ["x"] })).toMatchObject({
        comment: "",
        scopes: ["x"],
      });
      expect(await store.get("KEY")).toBe("new");
    });
  });
}
