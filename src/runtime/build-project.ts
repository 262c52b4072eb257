/** `worker build`: the bundle on disk, and how large it is. */
import { relative, resolve } from "node:path";
import { EXIT, exitCodeOf, formatUserError } from "../errors.ts";
import { type OpenProject, openProject, type ProjectInput } from "./project.ts";
import { watchProject } from "./project-watch.ts";
import { interruption, type Surroundings } from "./surroundings.ts";

export interface BuildInput {
  /** Relative to the working directory. */
  readonly outdir: string;
  readonly sourcemap: boolean;
  readonly metafile: boolean;
  readonly watch: boolean;
  readonly dryRun: boolean;
}

/** Builds once, or on every change until interrupted. Returns the exit code. */
export async function buildProject(
  surroundings: Surroundings,
  input: ProjectInput,
  build: BuildInput,
): Promise<number> {
  const project = await openProject(surroundings, { ...input, load: { ...input.load, runsWorker: false } });
  try {
    const builtAt = Date.now();
    const code = await buildOnce(project, surroundings, build);
    if (!build.watch) return code;
    const renew = () => buildOnce(project, surroundings, build);
    const watcher = await watchProject(project, builtAt, renew, surroundings.log);
    surroundings.log.log("Watching for changes; Ctrl-C ends it.");
    await interruption(surroundings);
    await watcher.close();
    return EXIT.interrupted;
  } finally {
    await project.close();
  }
}

async function buildOnce(
  project: OpenProject,
  surroundings: Surroundings,
  build: BuildInput,
): Promise<number> {
  const { cwd, stdout, log } = surroundings;
  const bundle = await project.bundle();
  if (!bundle.ok) {
    log.error(formatUserError(bundle.error, log.colors.dim));
    return exitCodeOf(bundle.error);
  }
  if (bundle.result === null) {
    log.log("Static assets alone: there is no worker to build.");
    return EXIT.success;
  }
  const { writeBundle } = await import("../bundle/write.ts");
  const written = await writeBundle(bundle.result, resolve(cwd, build.outdir), build);
  if (!build.dryRun) for (const file of written.files) stdout.write(`${relative(cwd, file)}\n`);
  stdout.write(`Total: ${kibibytes(written.bytes)} / gzip: ${kibibytes(written.gzipBytes)}\n`);
  return EXIT.success;
}

const kibibytes = (bytes: number) => `${(bytes / 1024).toFixed(2)} KiB`;
