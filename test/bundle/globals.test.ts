/** Files that are globals of a worker in service-worker syntax. */
import { describe, expect, test } from "vitest";
import { cli, folder } from "../helpers/cli.ts";
import { ENGINES } from "../helpers/each-engine.ts";

/** (module (func (export "answer") (result i32) i32.const 42)) */
const WASM = Buffer.from("AGFzbQEAAAABBQFgAAF/AwIBAAcKAQZhbnN3ZXIAAAoGAQQAQSoL", "base64");
const WORKER = `addEventListener("fetch", event => event.respondWith(answer()));
const early = TEXT;
async function answer() {
  const wasm = typeof WASM === "undefined" ? null : (await WebAssembly.instantiate(WASM)).exports.answer();
  return Response.json([early, DATA.constructor.name, [...new Uint8Array(DATA)], wasm]);
}`;
const files = (config: object, worker = WORKER) => ({
  "worker.js": worker,
  "note.any": "text",
  "data/bytes": Buffer.from([0, 255, 128]),
  "answer.wasm": WASM,
  "wrangler.json": JSON.stringify({ main: "worker.js", compatibility_date: "2026-01-01", ...config }),
});
const BLOBS = { text_blobs: { TEXT: "note.any" }, data_blobs: { DATA: "./data/bytes" } };

describe.each(ENGINES)("text_blobs, data_blobs, wasm_modules (%s)", engine => {
  const request = (cwd: string) => cli(["run", "--engine", engine, "--request", "/"], { cwd });

  test("text and bytes are globals before the worker's code runs", async () => {
    const { stdout, stderr } = await request(folder(files(BLOBS)));
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual(["text", "ArrayBuffer", [0, 255, 128], null]);
  });

  test("WebAssembly, where the engine has it", async () => {
    const { stdout, stderr, code } = await request(
      folder(files({ ...BLOBS, wasm_modules: { WASM: "answer.wasm" } })),
    );
    if (engine === "v8") {
      expect(JSON.parse(stdout)).toEqual(["text", "ArrayBuffer", [0, 255, 128], 42]);
    } else {
      expect(stderr).toContain('The quickjs engine has no WebAssembly, which "wasm_modules.WASM" needs');
      expect(stderr).toContain("--engine v8");
      expect(code).toBe(1);
    }
  });

  test("a worker that exports its handlers is told to import them", async () => {
    const cwd = folder(files(BLOBS, "export default { fetch: () => new Response() }"));
    const { stderr, code } = await request(cwd);
    expect(stderr).toContain('"text_blobs" makes globals');
    expect(code).toBe(2);
  });

  test("a name that a binding has", async () => {
    const { stderr, code } = await request(folder(files({ ...BLOBS, vars: { TEXT: "x" } })));
    expect(stderr).toContain('"text_blobs.TEXT" has the name of a binding');
    expect(code).toBe(2);
  });

  test("a file that is not there", async () => {
    const { stderr, code } = await request(folder(files({ text_blobs: { TEXT: "none.txt" } })));
    expect(stderr).toContain('"text_blobs.TEXT" names a file that does not exist');
    expect(code).toBe(1);
  });
});
