/** Imports of text, data and WebAssembly, as ECMAScript modules inside the bundle. */
import { readFile } from "node:fs/promises";
import { isAbsolute } from "node:path";
import type { OnLoadResult, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from "esbuild";
import type { ModuleRule, ModuleType } from "../config/config.ts";
import type { EngineName } from "../engine/engine.ts";
import { effectiveRules, globToRegExp, matcherOf } from "./rules.ts";

const NAMESPACE = "worker-module";
const BYTES = "worker-bytes";

/** Answers imports that a rule of type Text, Data or CompiledWasm speaks of. */
export function modulesPlugin(rules: readonly ModuleRule[], engine: EngineName): Plugin {
  const active = effectiveRules(rules).filter(rule => rule.type !== "ESModule" && rule.type !== "CommonJS");
  const typeOf = matcherOf(active);
  const globs = active.flatMap(rule => rule.globs);
  return {
    name: "worker-modules",
    setup(build) {
      if (globs.length === 0) return;
      const filter = new RegExp(globs.map(globToRegExp).join("|"));
      build.onResolve({ filter }, args => resolveModule(build, args, typeOf, engine));
      build.onResolve({ filter: /./, namespace: NAMESPACE }, args => ({ path: args.path, namespace: BYTES }));
      build.onLoad({ filter: /./, namespace: NAMESPACE }, args =>
        loadModule(args.path, args.pluginData as ModuleType),
      );
      build.onLoad({ filter: /./, namespace: BYTES }, async args => ({
        contents: await readFile(args.path),
        loader: "binary",
        watchFiles: [args.path],
      }));
    },
  };
}

/** Marks our own question, so that we do not answer it. */
const ASKED = Symbol("asked");

async function resolveModule(
  build: PluginBuild,
  args: OnResolveArgs,
  typeOf: (path: string) => ModuleType | undefined,
  engine: EngineName,
): Promise<OnResolveResult | undefined> {
  if (args.namespace === NAMESPACE || args.kind === "entry-point" || args.pluginData === ASKED)
    return undefined;
  const type = typeOf(args.path);
  if (type === undefined) return undefined;
  const path = args.path.replace(/\?module$/, "");
  const { kind, resolveDir, importer, namespace } = args;
  const found = await build.resolve(path, { kind, resolveDir, importer, namespace, pluginData: ASKED });
  if (found.errors.length > 0) return { errors: found.errors };
  // A package's "browser" field may leave the file out.
  if (found.external || !isAbsolute(found.path)) return undefined;
  return moduleAt(found.path, type, engine, args.path);
}

/** The module of that type that a file is. `named`: how the worker calls it. */
export function moduleAt(path: string, type: ModuleType, engine: EngineName, named: string): OnResolveResult {
  if (type === "CompiledWasm" && engine === "quickjs") {
    const text = `The quickjs engine has no WebAssembly, which "${named}" needs`;
    return { errors: [{ text, notes: [{ text: "Use --engine v8." }] }] };
  }
  return { path, namespace: NAMESPACE, pluginData: type, sideEffects: false };
}

async function loadModule(path: string, type: ModuleType): Promise<OnLoadResult> {
  if (type === "Text") return { contents: await readFile(path), loader: "text", watchFiles: [path] };
  const bytes = `import bytes from ${JSON.stringify(path)};\n`;
  const value = type === "CompiledWasm" ? "new WebAssembly.Module(bytes)" : "bytes.buffer";
  return { contents: `${bytes}export default ${value};\n`, loader: "js" };
}

/** The file behind an input of esbuild's metafile; undefined for one that is not a file. */
export function fileOfInput(input: string): string | undefined {
  const [, namespace, path] = /^([\w-]{2,}):(.*)$/.exec(input) ?? [];
  if (namespace === undefined) return input;
  return namespace === NAMESPACE || namespace === BYTES ? path : undefined;
}
