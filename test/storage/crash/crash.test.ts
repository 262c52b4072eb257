/**
 * A process that writes to every store is killed at a random moment, again and again: what it acknowledged is there, what it
 * did not is there whole or not at all, and no file is left that belongs to nothing.
 * CRASH_SEED and CRASH_ROUNDS change where it begins and how often it is done.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StorePaths } from "../../../src/storage/paths.ts";
import { referencedBlobs } from "../../../src/storage/state/database.ts";
import { keyOf, LANES, operationOf, randomOf } from "./plan.ts";
import { subjects } from "./subjects.ts";

const ROUNDS = Number(process.env["CRASH_ROUNDS"] ?? 25);
const FIRST_SEED = Number(process.env["CRASH_SEED"] ?? 1);
/** What a writer may get done before it is killed, whatever the speed of the disk; then some milliseconds more. */
const MOST_ACKNOWLEDGED = 40;
const LONGEST_REST_MS = 15;
/** For one that is killed while it starts. */
const LONGEST_START_MS = 120;
const FAMILIES = 4;

/** Bundled, so that a process starts in a few milliseconds; in node_modules, where it finds those packages. */
const folder = mkdtempSync(join(import.meta.dirname, "../../../node_modules/.crash-"));
const writer = join(folder, "writer.js");
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  await build({
    entryPoints: {
      writer: join(import.meta.dirname, "writer.ts"),
      "sql-process": join(import.meta.dirname, "../../../src/storage/sql/main.ts"),
    },
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["better-sqlite3"],
    outdir: folder,
  });
});

/** What each lane of each store holds. */
type Contents = Map<string, Buffer | null>;

describe.concurrent("SIGKILL at any moment", () => {
  const families = Array.from({ length: FAMILIES }, (_, index) => FIRST_SEED + index * 1000);
  test.each(families)(`seeds from %i: ${ROUNDS} times`, { timeout: 120_000 }, async first => {
    const stateDir = join(folder, `${first}`);
    let before: Contents = new Map();
    for (let seed = first; seed < first + ROUNDS; seed++) {
      const done = await writeUntilKilled(stateDir, seed);
      const now = await contentsOf(stateDir);
      const wrong = [...now].filter(([lane, value]) => !isPossible(seed, lane, value, before, done));
      expect(
        wrong.map(([lane, value]) => `${lane}: ${describeValue(value)}`),
        `seed ${seed}`,
      ).toEqual([]);
      for (const [name, kind] of Object.entries(subjects)) {
        expect(strayFiles(kind.paths(stateDir)), `seed ${seed}: files of ${name}`).toEqual([]);
      }
      before = now;
    }
  });
});

/** Runs a writer until it has got a random number of things done; the index of the last acknowledged operation of each lane. */
async function writeUntilKilled(stateDir: string, seed: number): Promise<Map<string, number>> {
  const child = spawn(process.execPath, [writer, stateDir, `${seed}`], {
    stdio: ["ignore", "pipe", "inherit"],
    // A group of its own: what it has started is killed with it.
    detached: true,
  });
  let output = "";
  const random = randomOf(`life ${seed}`);
  // One in six dies while it opens its stores, or before.
  const wanted = seed % 6 === 0 ? 0 : 1 + Math.floor(random() * MOST_ACKNOWLEDGED);
  const worked = new Promise<void>(resolve => {
    let lines = 0;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      // The first line says that it has started.
      lines += text.split("\n").length - 1;
      if (lines > wanted) resolve();
    });
  });
  const closed = once(child, "close");
  if (wanted > 0) await Promise.race([worked, closed]);
  await delay(random() * (wanted === 0 ? LONGEST_START_MS : LONGEST_REST_MS));
  process.kill(-(child.pid as number), "SIGKILL");
  const [, signal] = (await closed) as unknown[];
  expect(signal, `seed ${seed}`).toBe("SIGKILL");
  const done = new Map<string, number>();
  // The last line may have been cut off.
  for (const line of output.slice(0, output.lastIndexOf("\n")).split("\n").slice(1)) {
    const [name, lane, index] = line.split(" ");
    done.set(`${name} ${lane}`, Number(index));
  }
  return done;
}

async function contentsOf(stateDir: string): Promise<Contents> {
  const contents: Contents = new Map();
  for (const [name, kind] of Object.entries(subjects)) {
    const paths = kind.paths(stateDir);
    const subject = kind.inspect?.(paths) ?? kind.open(paths);
    for (let lane = 0; lane < LANES; lane++) {
      const value = await subject.get(keyOf(lane));
      contents.set(`${name} ${lane}`, value === null ? null : await bytesOf(value));
    }
    await subject.close();
  }
  return contents;
}

async function bytesOf(value: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer> {
  if (value instanceof Uint8Array) return Buffer.from(value);
  const chunks: Uint8Array[] = [];
  for await (const chunk of value) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The last acknowledged operation has taken effect, and the one after it has or has not. */
function isPossible(
  seed: number,
  id: string,
  value: Buffer | null,
  before: Contents,
  done: ReadonlyMap<string, number>,
): boolean {
  const [name = "", lane] = id.split(" ");
  const last = done.get(id) ?? -1;
  const after = (index: number) => {
    if (index < 0) return before.get(id) ?? null;
    const { kind, value } = operationOf(seed, name, Number(lane), index);
    return kind === "delete" ? null : value;
  };
  return [last, last + 1].some(index => equal(after(index), value));
}

function equal(left: Buffer | null, right: Buffer | null): boolean {
  return left === null || right === null ? left === right : left.equals(right);
}

function describeValue(value: Buffer | null): string {
  return value === null ? "nothing" : `${value.length} bytes from "${value.subarray(0, 20).toString()}"`;
}

/** Files of the blob folder that the database does not refer to, and those it refers to that are not there. */
function strayFiles({ database, blobs }: StorePaths): string[] {
  if (!existsSync(database)) return [];
  const connection = new Sqlite(database, { readonly: true });
  const referenced = referencedBlobs(connection);
  connection.close();
  const there = new Set(existsSync(blobs) ? readdirSync(blobs) : []);
  return [...[...there].filter(id => !referenced.has(id)), ...[...referenced].filter(id => !there.has(id))];
}
