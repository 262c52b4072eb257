/** Builds dist/: the guest library as one script, and the program as ES modules that share their chunks. */
import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = `${root}dist`;

await rm(outdir, { recursive: true, force: true });

const guest = await build({
  absWorkingDir: root,
  entryPoints: ["src/guest/entry.ts"],
  bundle: true,
  format: "iife",
  platform: "neutral",
  target: "es2022",
  tsconfig: "src/guest/tsconfig.json",
  outfile: `${outdir}/guest.js`,
  legalComments: "none",
  write: false,
});
const program = build({
  absWorkingDir: root,
  entryPoints: {
    index: "src/index.ts",
    main: "src/cli/main.ts",
    "host-process": "src/runtime/host-process.ts",
    "quickjs-thread": "src/runtime/quickjs-thread.ts",
  },
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  packages: "external",
  outdir,
  chunkNames: "chunk-[hash]",
});
const script = guest.outputFiles[0]?.contents ?? new Uint8Array();
await program;
await Promise.all([
  writeFile(`${outdir}/guest.js`, script),
  writeFile(`${outdir}/guest.sha256`, createHash("sha256").update(script).digest("hex")),
]);
