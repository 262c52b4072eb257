import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { MemoryEmailStore } from "../../../src/bindings/email/memory-store.ts";
import { SqliteEmailStore } from "../../../src/bindings/email/sqlite-store.ts";
import { storePaths } from "../../../src/storage/paths.ts";
import { temporaryFolder } from "../../storage/temporary-folder.ts";
import { describeEmailStore, MESSAGE } from "./store-suite.ts";

const openIn = (folder: string) => new SqliteEmailStore(storePaths(folder, "email", "messages"));

describeEmailStore("memory", async () => new MemoryEmailStore());
describeEmailStore("SQLite", async () => openIn(temporaryFolder()));

describe("SqliteEmailStore", () => {
  test("keeps each message as an .eml file, between processes", async () => {
    const folder = temporaryFolder();
    const store = openIn(folder);
    const { file } = await store.add(MESSAGE, Buffer.from("a message"));
    expect(basename(file ?? "")).toMatch(/^[0-9a-f]{32}\.eml$/);
    expect(readFileSync(file ?? "", "utf8")).toBe("a message");
    const other = openIn(folder);
    expect(await other.list()).toEqual(await store.list());
    await Promise.all([store.close(), other.close()]);
  });

  test("keeps what it has acknowledged when its process is killed", async () => {
    const folder = temporaryFolder();
    const url = (path: string) => JSON.stringify(new URL(`../../../src/${path}`, import.meta.url).href);
    const program = `
      import { SqliteEmailStore } from ${url("bindings/email/sqlite-store.ts")};
      import { storePaths } from ${url("storage/paths.ts")};
      const store = new SqliteEmailStore(storePaths(${JSON.stringify(folder)}, "email", "messages"));
      await store.add(${JSON.stringify(MESSAGE)}, Buffer.from("acknowledged"));
      store.add(${JSON.stringify(MESSAGE)}, Buffer.alloc(1e6));
      process.kill(process.pid, "SIGKILL");`;
    expect(spawnSync(process.execPath, ["--input-type=module", "--eval", program]).signal).toBe("SIGKILL");
    const store = openIn(folder);
    const [message, ...more] = await store.list();
    expect(readFileSync(message?.file ?? "", "utf8")).toBe("acknowledged");
    await store.close();
    expect(readdirSync(dirname(message?.file ?? ""))).toHaveLength(1 + more.length);
  });

  test("removes files that no message refers to, and says which file is lost", async () => {
    const folder = temporaryFolder();
    const store = openIn(folder);
    const { file } = await store.add(MESSAGE, Buffer.from("a message"));
    await store.close();
    const blobs = dirname(file ?? "");
    const orphan = join(blobs, `${"0".repeat(32)}.eml`);
    writeFileSync(orphan, "left by a process that was killed");
    writeFileSync(join(blobs, "notes.eml"), "not ours");
    const again = openIn(folder);
    await again.list();
    await again.close();
    expect(existsSync(orphan)).toBe(false);
    expect(readdirSync(blobs).sort()).toEqual([basename(file ?? ""), "notes.eml"].sort());
    rmSync(file ?? "");
    const last = openIn(folder);
    await expect(last.get(1)).rejects.toMatchObject({
      code: "STATE_DAMAGED",
      message: expect.stringContaining(file ?? ""),
    });
    await last.close();
  });
});
