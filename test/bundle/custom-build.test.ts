import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createBundler } from "../../src/bundle/bundle.ts";
import { project, write } from "../helpers/project.ts";
import { optionsFor } from "./helpers.ts";

const MAKE = `const fs = require("fs");
fs.appendFileSync("runs.txt", "x");
fs.mkdirSync("src/dist", { recursive: true });
fs.writeFileSync("src/dist/index.js", "export default " + fs.readFileSync("src/value.txt", "utf8"));
console.log("made");`;

async function start(command: string) {
  const cwd = project({
    "wrangler.json": JSON.stringify({ main: "src/dist/index.js", build: { command } }),
    "make.cjs": MAKE,
    "src/value.txt": "1",
  });
  const lines: string[] = [];
  const bundler = createBundler({ ...(await optionsFor(cwd)), onOutput: line => lines.push(line) });
  return { cwd, bundler, lines };
}

describe("a custom build", () => {
  test("runs before the bundle, and again only when its input has changed", async () => {
    const { cwd, bundler, lines } = await start(`"${process.execPath}" make.cjs`);
    expect(await bundler.build()).toMatchObject({
      ok: true,
      program: { main: expect.stringContaining("1") },
    });
    const second = await bundler.build();
    expect(readFileSync(join(cwd, "runs.txt"), "utf8")).toBe("x");
    expect(second.inputs).toContain(join(cwd, "src", "**"));
    write(cwd, { "src/value.txt": "22" });
    expect(await bundler.build()).toMatchObject({
      ok: true,
      program: { main: expect.stringContaining("22") },
    });
    expect(readFileSync(join(cwd, "runs.txt"), "utf8")).toBe("xx");
    expect(lines).toEqual(["made", "made"]);
    await bundler.dispose();
  });

  test("that fails is an error with its exit code", async () => {
    const { bundler } = await start("exit 3");
    const result = await bundler.build();
    expect(result).toMatchObject({
      ok: false,
      errors: [{ text: 'The custom build "exit 3" failed (exit code 3)' }],
    });
    await bundler.dispose();
  });
});
