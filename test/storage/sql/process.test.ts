import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { d1Limits } from "../../../src/bindings/d1/limits.ts";
import { SqlProcess } from "../../../src/storage/sql/process.ts";
import { FrameReader, frame } from "../../../src/storage/sql/protocol.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const { queryMilliseconds: timeoutMilliseconds, ...limits } = d1Limits;

test("ends when nothing has been asked for a while, and starts again", async () => {
  const file = join(temporaryFolder(), "a.sqlite");
  const database = new SqlProcess({
    file,
    limits,
    busyMilliseconds: 100,
    timeoutMilliseconds,
    idleMilliseconds: 20,
  });
  await database.query([["CREATE TABLE t (a)", "[]"]]);
  expect(existsSync(`${file}-wal`)).toBe(true);
  // Whoever closes a database last takes its log away.
  await vi.waitFor(() => expect(existsSync(`${file}-wal`)).toBe(false), { timeout: 15_000 });
  expect((await database.query([["SELECT count(*) FROM t", "[]"]]))[0]?.rows).toBe("[[0]]");
  await database.close();
});

test("many requests at once, large and small, have their own answers", async () => {
  const database = new SqlProcess({
    file: ":memory:",
    limits,
    busyMilliseconds: 100,
    timeoutMilliseconds,
    idleMilliseconds: null,
  });
  const lengths = Array.from({ length: 60 }, (_, index) => (index % 7 === 0 ? 1_500_000 : index));
  const answers = await Promise.all(
    lengths.map(length => database.query([["SELECT ?1", JSON.stringify(["x".repeat(length)])]])),
  );
  expect(answers.map(([result]) => (JSON.parse(result?.rows ?? "") as string[][])[0]?.[0]?.length)).toEqual(
    lengths,
  );
  await database.close();
});

test("frames come whole out of chunks of any size", () => {
  const frames = [frame({ a: "é" }, ["x", new Uint8Array([1, 2])]), frame([]), frame({ b: 1 }, ["日本"])];
  const bytes = Buffer.concat(frames);
  for (const size of [1, 3, 8, 1000]) {
    const reader = new FrameReader();
    const found: unknown[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      reader.add(bytes.subarray(at, at + size));
      for (let next = reader.next(); next !== undefined; next = reader.next()) {
        found.push([next.header, next.body.toString("latin1")]);
      }
    }
    expect(found).toEqual([
      [{ a: "é" }, "x\u0001\u0002"],
      [[], ""],
      [{ b: 1 }, Buffer.from("日本").toString("latin1")],
    ]);
  }
});
