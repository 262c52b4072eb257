/** What every EmailStore must do. A new implementation calls `describeEmailStore` with a way to open an empty one. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EmailStore, NewMessage } from "../../../src/bindings/email/store.ts";

export const MESSAGE: NewMessage = {
  kind: "sent",
  from: "ada@example.com",
  to: ["bob@example.com", 'ö "quoted"@example.com'],
  subject: "Zeiten; '); DROP TABLE messages; --\u0000é🧨",
  messageId: "<1@example.com>",
  sentAt: Date.parse("2026-01-01T00:00:00Z"),
};

export function describeEmailStore(name: string, open: () => Promise<EmailStore>): void {
  describe(`EmailStore: ${name}`, () => {
    let store: EmailStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    async function textOf(id: number): Promise<string | undefined> {
      const found = await store.get(id);
      return found === null ? undefined : Buffer.concat(await found.raw.toArray()).toString();
    }

    test("is empty at first", async () => {
      expect(await store.list()).toEqual([]);
      expect(await store.get(1)).toBeNull();
      expect(await store.get(0)).toBeNull();
      expect(await store.get(2 ** 40)).toBeNull();
    });

    test("gives back what was added, in that order", async () => {
      const raw = Buffer.from("Subject: one\r\n\r\nbody é");
      const first = await store.add(MESSAGE, raw);
      expect(first).toMatchObject({ ...MESSAGE, id: 1, size: raw.byteLength });
      const second = await store.add({ ...MESSAGE, kind: "reply", subject: "" }, Buffer.alloc(0));
      expect(second.id).toBe(2);
      expect(await store.list()).toEqual([first, second]);
      const found = await store.get(1);
      expect(found?.message).toEqual(first);
      found?.raw.destroy();
      expect([await textOf(1), await textOf(2), await textOf(3)]).toEqual([raw.toString(), "", undefined]);
    });

    test("keeps a large message whole, and its own copy of the bytes", async () => {
      const raw = Buffer.alloc(3_000_000, "abc");
      const { id } = await store.add(MESSAGE, raw);
      const expected = raw.toString();
      raw.fill("x");
      expect(await textOf(id)).toBe(expected);
    });

    test("numbers messages that come at once", async () => {
      const added = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          store.add({ ...MESSAGE, subject: String(index) }, Buffer.from(String(index))),
        ),
      );
      expect(new Set(added.map(({ id }) => id)).size).toBe(20);
      for (const { id, subject } of added) expect(await textOf(id)).toBe(subject);
    });
  });
}
