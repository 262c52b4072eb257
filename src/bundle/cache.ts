/** Finished bundles on disk, for commands that run once: where nothing has changed, esbuild is not even loaded. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeEntry } from "../config/entries.ts";
import { digest } from "../digest.ts";
import { type Stamp, stampsHold, stampsOf } from "./stamps.ts";
import type { BundleOptions, BundleResult, BundleSuccess } from "./types.ts";

/** Changes when the meaning of an entry changes. */
const FORMAT = 2;

/** An entry is one line of JSON, then the texts, each of the length that the line tells. */
interface Header {
  readonly checksum: string;
  readonly lengths: readonly number[];
  readonly stamps: readonly Stamp[];
  readonly result: Omit<BundleSuccess, "program" | "metafile"> & {
    readonly program: Omit<BundleSuccess["program"], "main" | "sourceMap">;
  };
}

/** The bundle of these options: the one of last time where nothing that it depends on has changed, else a new one. */
export async function buildCached(options: BundleOptions, cacheDir: string): Promise<BundleResult> {
  // What a command of the user's reads and does is unknown.
  const cacheable = options.config.customBuild === null;
  const path = join(cacheDir, `${keyOf(options)}.bundle`);
  if (cacheable) {
    const cached = read(path);
    if (cached !== undefined) return cached;
  }
  const since = Date.now();
  const { bundleOnce } = await import("./bundle.ts");
  const result = await bundleOnce(options);
  // A bundle of whole trees would have to look at all of them each time.
  const hasTrees = result.inputs.some(input => input.endsWith("**"));
  if (cacheable && result.ok && !hasTrees) {
    const stamps = await stampsOf(result, options.config, since);
    if (stamps !== null) write(path, result, stamps);
  }
  return result;
}

function keyOf(options: BundleOptions): string {
  const { config, engine, nodeEnv } = options;
  const { main, root, baseDir, nodeCompat, populateProcessEnv, rules, define, alias } = config;
  const { tsconfig, jsxFactory, jsxFragment, minify, noBundle, keepNames, moduleGlobals } = config;
  // This program's own code, and what esbuild reads of the process's environment.
  const self = statSync(fileURLToPath(import.meta.url));
  const parts = [
    [FORMAT, self.mtimeMs, self.size, process.env["NODE_PATH"] ?? null, engine, nodeEnv],
    [main, root, baseDir, nodeCompat, populateProcessEnv, rules, define, alias],
    [tsconfig, jsxFactory, jsxFragment, minify, noBundle, keepNames, moduleGlobals],
  ];
  return digest(JSON.stringify(parts));
}

function read(path: string): BundleSuccess | undefined {
  try {
    const bytes = readFileSync(path);
    const end = bytes.indexOf("\n");
    const header = JSON.parse(bytes.toString("utf8", 0, end)) as Header;
    const body = bytes.subarray(end + 1);
    if (digest(body) !== header.checksum || !stampsHold(header.stamps)) return undefined;
    const [main = "", sourceMap = "", metafile = ""] = split(body, header.lengths);
    const { program, ...rest } = header.result;
    return { ...rest, program: { ...program, main, sourceMap }, metafile };
  } catch {
    // Absent or damaged: both mean a new build.
    return undefined;
  }
}

function split(body: Buffer, lengths: readonly number[]): string[] {
  let start = 0;
  return lengths.map(length => {
    const text = body.toString("utf8", start, start + length);
    start += length;
    return text;
  });
}

function write(path: string, bundle: BundleSuccess, stamps: readonly Stamp[]): void {
  const { program, metafile, ...rest } = bundle;
  const { main, sourceMap, ...described } = program;
  const texts = [main, sourceMap, metafile].map(text => Buffer.from(text));
  const body = Buffer.concat(texts);
  const header: Header = {
    checksum: digest(body),
    lengths: texts.map(text => text.length),
    stamps,
    result: { ...rest, program: described },
  };
  writeEntry(path, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]));
}
