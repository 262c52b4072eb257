/** Builds dist/: the guest library as one script, and the program as ES modules that share their chunks. */
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = join(root, "dist");

/** Packages with binaries or data files of their own, or that few commands need; all others are in the bundle. */
const EXTERNAL =
  /^(?:@cloudflare\/unenv-preset|@jitl\/quickjs-wasmfile-release-sync|better-sqlite3|chokidar|esbuild|isolated-vm|selfsigned|undici|unenv)(?:\/|$)/;

/** Modules of Node's that cost milliseconds to load, and that many runs never use. */
const SLOW_BUILTINS = new Set(
  ["child_process", "crypto", "http", "net", "readline", "tls", "zlib"].map(name => `node:${name}`),
);

/**
 * An `import` of one of Node's own modules reads every property of it, and with that loads all that Node would load
 * only when it is used: node:http brings fetch, node:crypto WebCrypto. Taken as objects, they stay lazy; the slow ones
 * are not even loaded before one of their functions is called for.
 */
const lazyImports: Plugin = {
  name: "lazy-imports",
  setup(setup) {
    // In one file, an import would be hoisted to its top: a package is required where the module that needs it starts.
    setup.onResolve({ filter: EXTERNAL }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path, external: true } : { path, namespace: "package" },
    );
    setup.onLoad({ filter: /./, namespace: "package" }, ({ path }) => ({
      contents: `module.exports = requirePackage(${JSON.stringify(path)});`,
    }));
    setup.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      // What is imported on demand is lazy already, and has names to take.
      kind === "dynamic-import" ? { path, external: true } : { path, namespace: "builtin" },
    );
    setup.onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => {
      const load = `process.getBuiltinModule(${JSON.stringify(path)})`;
      if (!SLOW_BUILTINS.has(path)) return { contents: `module.exports = ${load};` };
      const names = Object.getOwnPropertyNames(process.getBuiltinModule(path));
      const getters = names.map(name => `get ${name}() { return load().${name}; }`);
      return {
        contents: `let loaded;\nconst load = () => (loaded ??= ${load});\nmodule.exports = { ${getters.join(", ")} };`,
      };
    });
  },
};

/**
 * `#brand in this` throws in the engine's own words, private names and all, where `this` is no object. In a `try` it
 * costs nothing on either engine, and every receiver that is not the right one meets the same exception.
 */
function completeBrandChecks(script: string): string {
  return script.replace(
    /if \(!\((#\w+) in this\)\)\s*throw ([^;]+);/g,
    "try { if (!($1 in this)) throw 0; } catch { throw $2; }",
  );
}

/**
 * The bundler renames a class that speaks of itself, and V8 shows that name where the class is called without `new`. Inside
 * the class its own name means the same.
 */
function restoreClassNames(script: string): string {
  let restored = script;
  for (const [, name = ""] of script.matchAll(/\bvar (\w+) = class _\1\b/g)) {
    restored = restored.replaceAll(new RegExp(`\\b_${name}\\b`, "g"), name);
  }
  return restored;
}

const [guest, program] = await Promise.all([
  build({
    absWorkingDir: root,
    entryPoints: ["src/guest/entry.ts"],
    bundle: true,
    format: "iife",
    platform: "neutral",
    target: "es2022",
    tsconfig: "src/guest/tsconfig.json",
    outfile: join(outdir, "guest.js"),
    legalComments: "none",
    write: false,
  }),
  build({
    absWorkingDir: root,
    entryPoints: {
      index: "src/index.ts",
      main: "src/cli/main.ts",
      "host-process": "src/runtime/host-process.ts",
      "quickjs-thread": "src/runtime/quickjs-thread.ts",
      "sql-process": "src/storage/sql/main.ts",
    },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    plugins: [lazyImports],
    mainFields: ["module", "main"],
    // What CommonJS packages among the bundled ones need.
    banner: {
      js: [
        'const requirePackage = process.getBuiltinModule("node:module").createRequire(import.meta.url);',
        "const require = requirePackage;",
      ].join(" "),
    },
    legalComments: "eof",
    outdir,
    write: false,
  }),
]);

const files = new Map<string, Uint8Array | string>();
for (const { path, text } of guest.outputFiles)
  files.set(basename(path), restoreClassNames(completeBrandChecks(text)));
for (const { path, contents } of program.outputFiles) files.set(basename(path), contents);

// Replaced file by file, so that a program that runs from here meanwhile finds all it needs.
await mkdir(outdir, { recursive: true });
for (const [name, contents] of files) {
  const temporary = join(outdir, `.${name}.${process.pid}`);
  await writeFile(temporary, contents);
  await rename(temporary, join(outdir, name));
}
for (const name of await readdir(outdir)) {
  if (name.endsWith(".js") && !files.has(name)) await rm(join(outdir, name), { force: true });
}
