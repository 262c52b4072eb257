import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { BlobFolder } from "../../src/storage/blobs.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const newFolder = () => new BlobFolder(join(temporaryFolder(), "blobs"));
const filesOf = (folder: BlobFolder) => (existsSync(folder.directory) ? readdirSync(folder.directory) : []);

/** References that know of `ids` only. */
const only = (...ids: string[]) => ({
  unreferenced: (names: readonly string[]) => names.filter(name => !ids.includes(name)),
  exclusively: (work: () => void) => work(),
});

async function read(folder: BlobFolder, id: string): Promise<string | undefined> {
  const blob = await folder.open(id);
  if (blob === null) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of blob.stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("a blob has its name when it is committed, and not before", async () => {
  const folder = newFolder();
  const staged = await folder.stage(Buffer.from("content"));
  expect(staged.size).toBe(7);
  expect(await folder.open(staged.id)).toBe(null);
  staged.commit();
  staged.commit();
  expect(await read(folder, staged.id)).toBe("content");
  expect(filesOf(folder)).toEqual([staged.id]);
});

test("a blob that was collected since cannot be committed again", async () => {
  const folder = newFolder();
  const staged = await folder.stage(Buffer.from("content"));
  staged.commit();
  await folder.collect(only());
  expect(() => staged.commit()).toThrow("ENOENT");
});

test("a blob that is discarded, before or after, leaves nothing", async () => {
  const folder = newFolder();
  const before = await folder.stage(Buffer.from("a"));
  await before.discard();
  const after = await folder.stage(Buffer.from("b"));
  after.commit();
  await after.discard();
  await after.discard();
  expect(filesOf(folder)).toEqual([]);
});

test("a source that fails leaves nothing", async () => {
  const folder = newFolder();
  async function* source() {
    yield Buffer.alloc(100_000);
    throw new Error("the source failed");
  }
  await expect(folder.stage(source())).rejects.toThrow("the source failed");
  expect(filesOf(folder)).toEqual([]);
});

test("reading goes at the reader's pace, and a reader that leaves closes the file", async () => {
  const folder = newFolder();
  const staged = await folder.stage(Buffer.alloc(1_000_000, "x"));
  staged.commit();
  const blob = await folder.open(staged.id);
  for await (const chunk of blob?.stream ?? []) {
    expect(chunk.byteLength).toBe(128 * 1024);
    expect(blob?.stream.readableLength).toBeLessThan(300_000);
    break;
  }
  expect(blob?.stream.destroyed).toBe(true);
  expect(await read(folder, staged.id)).toHaveLength(1_000_000);
});

test("an open blob outlives its removal", async () => {
  const folder = newFolder();
  const staged = await folder.stage(Buffer.from("content"));
  staged.commit();
  const blob = await folder.open(staged.id);
  await folder.remove(staged.id);
  await folder.remove(staged.id);
  const chunks = await blob?.stream.toArray();
  expect(Buffer.concat(chunks ?? []).toString()).toBe("content");
  expect(await folder.open(staged.id)).toBe(null);
});

test("collect removes orphans and the unfinished blobs of dead processes, and nothing else", async () => {
  const folder = newFolder();
  const kept = await folder.stage(Buffer.from("kept"));
  kept.commit();
  const orphan = await folder.stage(Buffer.from("orphan"));
  orphan.commit();
  const unfinished = await folder.stage(Buffer.from("being written"));
  const [own] = filesOf(folder).filter(name => name.endsWith(".tmp"));
  const dead = spawnSync(process.execPath, ["-e", ""]).pid;
  const ofDead = own?.replace(`-${process.pid}-`, `-${dead}-`) as string;
  const ofFormerSelf = own?.replace(/[0-9a-f]{32}/, "1".repeat(32)) as string;
  const ofParent = own?.replace(`-${process.pid}-`, `-${process.ppid}-`) as string;
  const ofOther = own?.replace(/^[0-9a-f]{8}/, "00000000") as string;
  const ofOtherLongAgo = ofOther.replace(/[0-9a-f]{32}/, "2".repeat(32));
  const foreign = ["README", "0".repeat(31), "G".repeat(32), ".tmp", "x.tmp"];
  for (const name of [ofDead, ofFormerSelf, ofParent, ofOther, ofOtherLongAgo, ...foreign]) {
    writeFileSync(join(folder.directory, name), "");
  }
  utimesSync(join(folder.directory, ofOtherLongAgo), 0, 0);
  await folder.collect(only(kept.id));
  expect(filesOf(folder).sort()).toEqual([kept.id, own, ofParent, ofOther, ...foreign].sort());
  unfinished.commit();
  expect(await read(folder, unfinished.id)).toBe("being written");
});

test("collect spares what is committed while it looks", async () => {
  const folder = newFolder();
  const staged = await folder.stage(Buffer.from("late"));
  staged.commit();
  let committed = false;
  await folder.collect({
    unreferenced: ids => (committed ? [] : ids),
    exclusively: work => {
      committed = true;
      work();
    },
  });
  expect(await read(folder, staged.id)).toBe("late");
});

test("a folder that does not exist has nothing to collect", async () => {
  const folder = newFolder();
  await folder.collect(only());
  expect(existsSync(folder.directory)).toBe(false);
});

test("a folder that cannot be written is an error that names it", async () => {
  const path = join(temporaryFolder(), "blobs");
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, "a file is in the way");
  const error = await new BlobFolder(path).stage(Buffer.from("x")).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toContain(path);
});

test("a part of a blob", async () => {
  const folder = newFolder();
  const value = Buffer.from(Array.from({ length: 500_000 }, (_, index) => index % 251));
  const staged = await folder.stage(value);
  staged.commit();
  for (const [offset, length] of [
    [0, 0],
    [0, 500_000],
    [1, 1],
    [100_000, 300_000],
    [499_999, 1],
    [500_000, 0],
  ] as const) {
    const blob = await folder.open(staged.id, { start: offset, end: offset + length });
    expect(blob?.size).toBe(500_000);
    const chunks: Uint8Array[] = [];
    for await (const chunk of blob?.stream ?? []) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(value.subarray(offset, offset + length))).toBe(true);
  }
});

test("a part in one piece, which ends the stream", async () => {
  const folder = newFolder();
  const staged = await folder.stage(Buffer.alloc(500_000, "x"));
  staged.commit();
  const blob = await folder.open(staged.id, { start: 10, end: 400_010 });
  const stream = blob?.stream as Readable & { wholeLength: number; takeWhole(): Promise<Uint8Array> };
  expect(stream.wholeLength).toBe(400_000);
  const closed = once(stream, "close");
  const whole = await stream.takeWhole();
  expect(whole).toHaveLength(400_000);
  expect(whole.buffer.byteLength).toBe(400_000);
  await closed;
  expect(stream.readableEnded).toBe(true);
});

test("a file that ends before the part does is an error", async () => {
  const folder = newFolder();
  const staged = await folder.stage(Buffer.alloc(1000));
  staged.commit();
  const beyond = { start: 500, end: 1500 };
  const whole = (await folder.open(staged.id, beyond))?.stream as Readable & {
    takeWhole(): Promise<unknown>;
  };
  await expect(whole.takeWhole()).rejects.toThrow("ended before");
  const streamed = (await folder.open(staged.id, beyond))?.stream as Readable;
  await expect(buffer(streamed)).rejects.toThrow("ended before");
});

test("a blob that is pinned is removed when the last pin is gone", async () => {
  const folder = newFolder();
  const staged = await folder.stage(Buffer.from("content"));
  staged.commit();
  const unpin = [folder.pin([staged.id]), folder.pin([staged.id, "other"])];
  await folder.remove(staged.id);
  unpin[0]?.();
  expect(await read(folder, staged.id)).toBe("content");
  unpin[1]?.();
  await expect.poll(() => filesOf(folder)).toEqual([]);
});
