/** What to watch for a bundle to be made again. */
import { existsSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import type { Metafile } from "esbuild";
import { fileOfInput } from "./modules.ts";
import type { BundleConfig, BundleMessage } from "./types.ts";

const TSCONFIGS = ["tsconfig.json", "jsconfig.json"];
/** What package managers write when they have changed what is installed. */
const INSTALL_MARKS = [".package-lock.json", ".yarn-state.yml", ".modules.yaml"];

/** The files of a bundle that was made. */
export function successInputs(metafile: Metafile, config: BundleConfig): readonly string[] {
  const files: string[] = [];
  for (const [input, { imports }] of Object.entries(metafile.inputs)) {
    const file = fileOfInput(input);
    if (file === undefined || isInstalled(file)) continue;
    const path = resolve(config.root, file);
    files.push(path);
    // `import(`./lang/${name}.js`)` means every file that is there, also the one of tomorrow.
    for (const { path: pattern, external } of imports) {
      if (external && pattern.includes("*"))
        files.push(join(dirname(path), pattern.replace(/[^/]*\*.*$/s, ""), "**"));
    }
  }
  return [...new Set([...files, ...always(config)])];
}

/** The files of a bundle that could not be made, and the folders where a missing one may appear. */
export function failureInputs(
  errors: readonly BundleMessage[],
  read: readonly string[],
  config: BundleConfig,
): readonly string[] {
  const inputs = new Set([...read.filter(path => !isInstalled(path)), ...always(config)]);
  for (const { text, file } of errors) {
    if (file !== null) inputs.add(file);
    const [, missing] = /^Could not resolve "([^"]+)"/.exec(text) ?? [];
    if (missing === undefined) continue;
    const folder = file === null ? config.root : dirname(file);
    const isPath = /^[./]/.test(missing);
    inputs.add(nearestFolder(isPath ? dirname(resolve(folder, missing)) : join(config.root, "node_modules")));
  }
  return [...inputs];
}

function always(config: BundleConfig): string[] {
  const { main, root, tsconfig, customBuild, findAdditionalModules, baseDir, site } = config;
  const inputs = [main, join(root, "package.json"), ...TSCONFIGS.map(name => join(root, name))];
  if (tsconfig !== null) inputs.push(tsconfig);
  for (const mark of INSTALL_MARKS) inputs.push(join(root, "node_modules", mark));
  for (const folder of customBuild?.watchDirs ?? []) inputs.push(`${folder}${sep}**`);
  if (findAdditionalModules) inputs.push(`${baseDir}${sep}**`);
  // A file that comes or goes changes the manifest, and one that is written to its key.
  if (site !== null) inputs.push(`${site.directory}${sep}**`);
  return inputs;
}

/** Packages change by being installed, which leaves a mark; their own files are not watched. */
export function isInstalled(path: string): boolean {
  return /[\\/]node_modules[\\/]|^node_modules[\\/]/.test(path);
}

function nearestFolder(path: string): string {
  return existsSync(path) ? path + sep : nearestFolder(dirname(path));
}
