/** Where a run took place, and with which versions. */
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { generatorName } from "./load/load.ts";
import { BENCH, PRODUCT } from "./paths.ts";

export interface Environment {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  /** Processes that wanted to run, on average, in the minute before: near 0 on a machine that does nothing else. */
  readonly loadBefore: number;
  readonly loadGenerator: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** The product, its engines, and its peers. */
const PACKAGES: readonly { readonly label: string; readonly path: string }[] = [
  { label: "worker", path: join(PRODUCT, "package.json") },
  ...["quickjs-emscripten-core", "isolated-vm"].map(label => installed(PRODUCT, label)),
  ...["workerd", "wrangler", "miniflare"].map(label => installed(BENCH, label)),
];

export function describeEnvironment(): Environment {
  const processors = cpus();
  const versions = PACKAGES.map(({ label, path }) => [label, versionIn(path)]);
  return {
    date: new Date().toISOString(),
    processor: processors[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${platform()} ${release()} ${arch()}`,
    loadBefore: loadavg()[0] ?? 0,
    loadGenerator: generatorName,
    versions: { node: process.versions.node, ...Object.fromEntries(versions) },
  };
}

function installed(folder: string, label: string): { label: string; path: string } {
  return { label, path: join(folder, "node_modules", label, "package.json") };
}

function versionIn(path: string): string {
  try {
    return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
  } catch {
    return "not installed";
  }
}
