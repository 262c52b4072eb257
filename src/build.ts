/** Builds dist/: the guest library as one script, the program, and the engine QuickJS. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { digest } from "./digest.ts";
import { exportTable } from "./engine/quickjs/binary.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = join(root, "dist");

/** Packages with binaries or data files of their own, or that few commands need; all others are in the bundle. */
const EXTERNAL =
  /^(?:@cloudflare\/unenv-preset|better-sqlite3|chokidar|esbuild|isolated-vm|selfsigned|undici|unenv)(?:\/|$)/;

/**
 * An `import` of one of Node's own modules reads every property of it, and with that loads all that Node would load
 * only when it is used: node:http brings fetch, node:crypto WebCrypto. Taken as objects, they stay lazy, and are not even
 * loaded before one of their functions is called for. esbuild copies the own properties of such an object for each module
 * that imports it, getter by getter: these stand in the prototype.
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
      const builtin = process.getBuiltinModule(path);
      // A class with its fellows as properties, or an object whose methods are its own.
      if (typeof builtin === "function" || path === "node:process")
        return { contents: `module.exports = ${load};` };
      const getters = Object.getOwnPropertyNames(builtin).map(
        name => `get ${name}() { return load().${name}; }`,
      );
      return {
        contents: `let loaded;\nconst load = () => (loaded ??= ${load});\nmodule.exports = Object.create({ ${getters.join(", ")} });`,
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

const QUICKJS = "@jitl/quickjs-wasmfile-release-sync";
const require = createRequire(import.meta.url);

/** The thread's script is CommonJS, which starts faster; QuickJS's own script is in it, and its binary beside it. */
const quickjs: Plugin = {
  name: "quickjs",
  setup(setup) {
    setup.onResolve({ filter: new RegExp(`^${QUICKJS}(?:/|$)`) }, ({ path }) => ({
      path: require.resolve(path),
    }));
  },
};

const common = { absWorkingDir: root, bundle: true, outdir, write: false } as const;
const forNode = {
  ...common,
  platform: "node",
  target: "node24",
  mainFields: ["module", "main"] as string[],
  legalComments: "eof",
} as const;

const [guest, program, thread, binary] = await Promise.all([
  build({
    ...common,
    entryPoints: { guest: "src/guest/entry.ts" },
    inject: ["src/guest/language.ts"],
    format: "iife",
    platform: "neutral",
    target: "es2022",
    tsconfig: "src/guest/tsconfig.json",
    legalComments: "none",
  }),
  build({
    ...forNode,
    entryPoints: {
      index: "src/index.ts",
      main: "src/cli/main.ts",
      "early-thread": "src/runtime/early-thread.ts",
      "host-process": "src/runtime/host-process.ts",
      "sql-process": "src/storage/sql/main.ts",
    },
    format: "esm",
    plugins: [lazyImports],
    // What CommonJS packages among the bundled ones need.
    banner: {
      js: [
        'const requirePackage = process.getBuiltinModule("node:module").createRequire(import.meta.url);',
        "const require = requirePackage;",
      ].join(" "),
    },
  }),
  build({
    ...forNode,
    entryPoints: { "quickjs-thread": "src/runtime/quickjs-thread.ts" },
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    plugins: [quickjs, lazyImports],
    banner: { js: "const requirePackage = require;" },
    define: { "import.meta.url": "undefined" },
  }),
  readFile(require.resolve(`${QUICKJS}/wasm`)).then(exportTable),
]);

const files = new Map<string, Uint8Array | string>();
for (const { text } of guest.outputFiles) {
  const script = restoreClassNames(completeBrandChecks(text));
  // engine/built-files.ts reads it back.
  files.set("guest.js", `/* ${digest(script)}${digest(binary)} */${script}`);
}
for (const { path, contents } of [...program.outputFiles, ...thread.outputFiles]) {
  files.set(basename(path), contents);
}
files.set("quickjs.wasm", binary);
files.set(
  "quickjs.LICENSE",
  await readFile(join(dirname(require.resolve(`${QUICKJS}/package.json`)), "LICENSE")),
);

// Replaced file by file, so that a program that runs from here meanwhile finds all it needs.
await mkdir(outdir, { recursive: true });
for (const [name, contents] of files) {
  const temporary = join(outdir, `.${name}.${process.pid}`);
  await writeFile(temporary, contents);
  await rename(temporary, join(outdir, name));
}
for (const name of await readdir(outdir)) {
  if (/\.c?js$/.test(name) && !files.has(name)) await rm(join(outdir, name), { force: true });
}
