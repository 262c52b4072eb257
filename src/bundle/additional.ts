/**
 * `find_additional_modules`: files that the worker imports by a name it only knows at run time. They become part of the
 * bundle, behind a table that such imports ask.
 */
import { readdirSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { Plugin } from "esbuild";
import type { ModuleRule } from "../config/config.ts";
import { effectiveRules, matcherOf } from "./rules.ts";

const TABLE = "worker-additional";

/** What esbuild gets beside the plugin. Run-time imports become calls of the banner's `require`. */
export function additionalOptions(main: string, baseDir: string) {
  const folder = slashes(relative(baseDir, dirname(main)));
  return {
    inject: [TABLE],
    supported: { "dynamic-import": false },
    banner: {
      js: `var __modules = new Map();
var require = name => {
  const path = /^\\.\\.?\\//.test(name) ? ${JSON.stringify(folder)} + "/" + name : name;
  const parts = [];
  for (const part of path.split("/")) part === ".." ? parts.pop() : part && part !== "." && parts.push(part);
  const load = __modules.get(parts.join("/"));
  if (load === undefined) throw new Error('No such module "' + name + '".');
  return load();
};`,
    },
  };
}

/** Finds the files that the rules name below `baseDir`, and puts them in the table. */
export function additionalPlugin(main: string, baseDir: string, rules: readonly ModuleRule[]): Plugin {
  const typeOf = matcherOf(effectiveRules(rules));
  return {
    name: TABLE,
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${TABLE}$`) }, ({ path }) => ({ path, namespace: TABLE }));
      build.onLoad({ filter: /./, namespace: TABLE }, () => {
        const { files, folders } = walk(baseDir);
        const modules = files.filter(
          file => file !== main && typeOf(slashes(relative(baseDir, file))) !== undefined,
        );
        const rows = modules.map(file => {
          const name = JSON.stringify(slashes(relative(baseDir, file)));
          return `__modules.set(${name}, () => require(${JSON.stringify(file)}));\n`;
        });
        return { contents: rows.join(""), resolveDir: baseDir, watchDirs: folders };
      });
    },
  };
}

function walk(root: string): { files: string[]; folders: string[] } {
  const files: string[] = [];
  const folders = [root];
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name === "node_modules" || entry.name.startsWith(".")) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) files.push(path);
    }
  }
  return { files: files.sort(), folders };
}

function slashes(path: string): string {
  return path.split(sep).join("/");
}
