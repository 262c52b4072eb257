import { expect, test } from "vitest";
import { decodeCursor, encodeCursor, InvalidCursorError } from "../../src/storage/cursor.ts";

test.each(["", "a", "a/b", "\0", "é", "🧨", "x".repeat(512)])("%j comes back", position => {
  const cursor = encodeCursor("kv", position);
  expect(cursor).toMatch(/^[\w-]+$/);
  expect(decodeCursor("kv", cursor)).toBe(position);
});

test("a cursor of another list, or a changed one, is refused", () => {
  const cursor = encodeCursor("kv", "some key");
  const others = [
    "",
    "=",
    "a",
    cursor.slice(1),
    `${cursor}A`,
    `${cursor}=`,
    ` ${cursor}`,
    cursor.replace(/.$/, "!"),
  ];
  for (const other of others) expect(() => decodeCursor("kv", other), other).toThrow(InvalidCursorError);
  expect(() => decodeCursor("r2", cursor)).toThrow(InvalidCursorError);
});
