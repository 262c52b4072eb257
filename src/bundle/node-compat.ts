/**
 * Node.js modules and globals, supplied by unenv. Cloudflare's preset names those that exist; what it leaves to workerd's
 * own implementations is answered by unenv's as well, since no engine here has any.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from "esbuild";
import type { NodeCompat } from "../config/compatibility.ts";

/** Modules that the guest library has itself: imports of them stay, and the engine links them. */
const SUPPLIED: ReadonlySet<string> = new Set(["timers", "timers/promises"]);

const NAMESPACE = "worker-node";
const GLOBALS = "worker-node:globals";

export interface NodeCompatOptions {
  readonly mode: NodeCompat;
  readonly populateProcessEnv: boolean;
  /** Names that the user's `alias` answers. */
  readonly aliased: ReadonlySet<string>;
}

/** What the plugin needs of esbuild's own options. */
export function nodeCompatOptions(mode: NodeCompat): { inject: string[]; define: Record<string, string> } {
  if (mode !== "full") return { inject: [], define: {} };
  const define = { global: "globalThis", "globalThis.process": "process", "globalThis.Buffer": "Buffer" };
  return { inject: [GLOBALS], define };
}

/** Whether a bundle may use a global that is injected. Where it names none, the next build is spared unenv's. */
export function mentionsGlobals(mode: NodeCompat, code: string): boolean {
  return mode === "full" && /\b(?:process|Buffer)\b/.test(code);
}

export async function nodeCompatPlugin(options: NodeCompatOptions): Promise<Plugin> {
  const { nonPrefixedNodeModules } = await import("@cloudflare/unenv-preset");
  const builtins = new Set(nonPrefixedNodeModules);
  const unenv = join(dirname(createRequire(import.meta.url).resolve("unenv/package.json")), "dist/runtime");
  const bare = nonPrefixedNodeModules.map(name => name.replaceAll("/", "\\/")).join("|");
  return {
    name: "worker-node-compat",
    setup(build) {
      build.onResolve({ filter: new RegExp(`^(?:node:.*|${bare})$`) }, args =>
        resolveBuiltin(build, args, options, builtins, unenv),
      );
      build.onResolve({ filter: /^worker-node:/ }, ({ path }) => ({
        path: path.slice(NAMESPACE.length + 1),
        namespace: NAMESPACE,
        sideEffects: false,
      }));
      build.onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({
        contents: virtualModule(path, unenv, options),
        loader: "js",
        resolveDir: unenv,
      }));
    },
  };
}

async function resolveBuiltin(
  build: PluginBuild,
  args: OnResolveArgs,
  options: NodeCompatOptions,
  builtins: ReadonlySet<string>,
  unenv: string,
): Promise<OnResolveResult | undefined> {
  if (args.pluginData === ASKED || options.aliased.has(args.path)) return undefined;
  const prefixed = args.path.startsWith("node:");
  const name = prefixed ? args.path.slice(5) : args.path;
  const file = join(unenv, "node", `${name}.mjs`);
  const exists = builtins.has(name) || existsSync(file);
  // unenv's own modules name each other, whatever the worker may name.
  const open =
    args.resolveDir.startsWith(unenv) || args.namespace === NAMESPACE || isOpen(options.mode, name, prefixed);

  if (open && SUPPLIED.has(name)) {
    if (args.kind === "import-statement") return { path: `node:${name}`, external: true };
    // No engine here can import at run time.
    return {
      path: `${isRequire(args) ? "require" : "import"}:${name}`,
      namespace: NAMESPACE,
      sideEffects: false,
    };
  }
  if (open && exists) {
    if (isRequire(args)) return { path: `require:${name}`, namespace: NAMESPACE, sideEffects: false };
    if (name === "process") return { path: "process", namespace: NAMESPACE, sideEffects: false };
    return existsSync(file) ? { path: file, sideEffects: false } : unsupplied(args.path);
  }
  if (!prefixed) {
    // An npm package may have the name of a Node.js module (buffer, events), or put another in its place.
    const { kind, resolveDir, importer } = args;
    const found = await build.resolve(args.path, { kind, resolveDir, importer, pluginData: ASKED });
    // esbuild then answers itself: the package's "browser" field may leave the module out.
    if (found.errors.length === 0 && !found.external) return undefined;
  }
  if (prefixed && !exists) return { errors: [{ text: `Node.js has no module "${args.path}"` }] };
  return refused(args, options.mode, name);
}

/** Marks our own question, so that we do not answer it. */
const ASKED = Symbol("asked");

function isOpen(mode: NodeCompat, name: string, prefixed: boolean): boolean {
  if (mode === "als") return name === "async_hooks";
  return mode === "full" || (mode === "prefixed" && prefixed);
}

function isRequire(args: OnResolveArgs): boolean {
  return args.kind === "require-call" || args.kind === "require-resolve";
}

/** Libraries try `require("fs")` and do without: only an import statement ends the build. */
function refused(args: OnResolveArgs, mode: NodeCompat, name: string): OnResolveResult {
  const text =
    mode === "prefixed"
      ? `"${args.path}" is a Node.js module, which this compatibility date knows as "node:${name}" only`
      : `"${args.path}" is a Node.js module, and this worker has no Node.js compatibility`;
  const notes = [{ text: hintOf(mode) }];
  if (args.kind === "import-statement") return { errors: [{ text, notes }] };
  return { path: `absent:${args.path}`, namespace: NAMESPACE, warnings: [{ text, notes }] };
}

function hintOf(mode: NodeCompat): string {
  return mode === "prefixed"
    ? 'Import it with the prefix, or set "compatibility_date" to "2024-09-23" or later.'
    : 'Add "nodejs_compat" to "compatibility_flags" in the wrangler configuration.';
}

function unsupplied(path: string): OnResolveResult {
  return { errors: [{ text: `The Node.js module "${path}" is not available to workers` }] };
}

function virtualModule(path: string, unenv: string, options: NodeCompatOptions): string {
  const [kind, name = ""] = path.split(/:(.*)/s);
  switch (kind) {
    case "globals":
      return 'export { default as process } from "node:process";\nexport { Buffer } from "node:buffer";\n';
    case "require":
      // What `require` gives is the default export: a class for "events", a function for "assert".
      return `import lib from ${JSON.stringify(`node:${name}`)};\nmodule.exports = lib;\n`;
    case "import":
      return `export * from "node:${name}";\nexport { default } from "node:${name}";\n`;
    case "absent":
      return `throw new Error(${JSON.stringify(`No such module "${name}": the worker has no Node.js compatibility`)});\n`;
    default:
      return processModule(JSON.stringify(join(unenv, "node/process.mjs")), options.populateProcessEnv);
  }
}

/** `process` with an `env` of its own: unenv's reads the global object. */
function processModule(file: string, populate: boolean): string {
  const fill = `import { env as bindings } from "cloudflare:workers";
for (const [name, value] of Object.entries(bindings)) {
  if (typeof value === "string") env[name] = value;
  else if (isJson(value)) env[name] = JSON.stringify(value);
}
function isJson(value) {
  if (typeof value !== "object") return typeof value === "number" || typeof value === "boolean";
  return value === null || Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}`;
  return `import process from ${file};
export * from ${file};
export const env = {};
process.env = env;
${populate ? fill : ""}
export default process;
`;
}
