/** A bundle as files, for `worker build`. */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { UserError } from "../errors.ts";
import { OUTPUT } from "./options.ts";
import type { BundleSuccess } from "./types.ts";

export interface WriteOptions {
  /** Writes `index.js.map`, and names it in the code. */
  readonly sourcemap?: boolean | undefined;
  /** Where esbuild's metafile goes; true: `bundle-meta.json` in the folder. */
  readonly metafile?: boolean | string | undefined;
  /** Only measures. */
  readonly dryRun?: boolean | undefined;
}

export interface WrittenBundle {
  /** Absolute. */
  readonly files: readonly string[];
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** Writes the bundle to a folder, each file at once or not at all. */
export async function writeBundle(
  bundle: BundleSuccess,
  outdir: string,
  options: WriteOptions = {},
): Promise<WrittenBundle> {
  const { program, metafile } = bundle;
  const main = join(outdir, OUTPUT);
  const files = new Map<string, string>();
  files.set(main, options.sourcemap ? `${program.main}//# sourceMappingURL=${OUTPUT}.map\n` : program.main);
  if (options.sourcemap) files.set(`${main}.map`, movedMap(program.sourceMap, program.root, outdir));
  if (options.metafile) {
    const path = options.metafile === true ? join(outdir, "bundle-meta.json") : options.metafile;
    files.set(path, metafile);
  }
  const code = files.get(main)!;
  const zipped = await promisify(gzip)(code);
  const sizes = { bytes: Buffer.byteLength(code), gzipBytes: zipped.length };
  if (options.dryRun) return { files: [], ...sizes };
  await Promise.all(Array.from(files, ([path, text]) => writeWhole(path, text)));
  return { files: [...files.keys()], ...sizes };
}

/** The map's sources relative to where the map is. */
function movedMap(text: string, root: string, outdir: string): string {
  const map = JSON.parse(text) as { sources: string[] };
  const sources = map.sources.map(source => {
    const isFile = !/^[\w-]{2,}:/.test(source);
    return isFile ? relative(outdir, resolve(root, source)).replaceAll("\\", "/") : source;
  });
  return JSON.stringify({ ...map, sources });
}

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new UserError(
      "OUTPUT_UNWRITABLE",
      `${path} cannot be written: ${(error as Error).message}`,
      "Choose another folder with --outdir.",
      { cause: error },
    );
  }
}
