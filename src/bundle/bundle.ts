/** The bundler: a worker's files to one program, again and again. */
import { hash } from "node:crypto";
import { isAbsolute } from "node:path";
import type { BuildContext, BuildFailure, BuildOptions, BuildResult, Message, Plugin } from "esbuild";
import { CustomBuilder } from "./custom-build.ts";
import { failureInputs, successInputs } from "./inputs.ts";
import { toBundleMessage } from "./messages.ts";
import { esbuildOptions, OUTPUT } from "./options.ts";
import type { BundleFailure, BundleOptions, BundleResult, BundleSuccess } from "./types.ts";

export interface Bundler {
  /** Bundles what is on disk now. A call during a build waits for the next one, which starts after it. */
  build(): Promise<BundleResult>;
  /** Lets go of esbuild's memory. A build under way is finished first. */
  dispose(): Promise<void>;
}

type Options = Awaited<ReturnType<typeof esbuildOptions>>;

/** A bundler that keeps what it has parsed between builds. esbuild is loaded at the first. */
export function createBundler(options: BundleOptions): Bundler {
  const { config } = options;
  const custom =
    config.customBuild === null ? undefined : new CustomBuilder(config.customBuild, options.onOutput);
  let context: BuildContext<Options> | undefined;
  let settings: Options | undefined;
  let running: Promise<BundleResult> | undefined;
  let next: Promise<BundleResult> | undefined;
  let disposed = false;
  /** What the last good build read: a bad one cannot tell. */
  let known: readonly string[] = [];

  async function once(): Promise<BundleResult> {
    if (disposed) throw new Error("the bundler has been disposed of");
    const problem = await custom?.run();
    if (problem !== undefined) return customFailure(problem, options, known);
    const esbuild = await import("esbuild");
    settings ??= await esbuildOptions(options);
    context ??= await esbuild.context(settings);
    try {
      const result = toSuccess(await context.rebuild(), options);
      known = result.inputs;
      return result;
    } catch (error) {
      if (!isBuildFailure(error)) throw error;
      const read = await filesRead(esbuild.build, settings);
      return toFailure(error, options, [...known, ...read]);
    }
  }

  function start(): Promise<BundleResult> {
    running = once().finally(() => {
      running = undefined;
    });
    return running;
  }

  return {
    build() {
      if (running === undefined) return start();
      next ??= running.then(ignore, ignore).then(() => {
        next = undefined;
        return start();
      });
      return next;
    },
    async dispose() {
      disposed = true;
      await running?.then(ignore, ignore);
      await context?.dispose();
      context = undefined;
    },
  };
}

/** Bundles once. */
export async function bundleOnce(options: BundleOptions): Promise<BundleResult> {
  const bundler = createBundler(options);
  try {
    return await bundler.build();
  } finally {
    await bundler.dispose();
  }
}

const ignore = (): void => {};

function toSuccess(result: BuildResult<Options>, options: BundleOptions): BundleSuccess {
  const { root } = options.config;
  const files = result.outputFiles;
  const main = files.find(file => file.path.endsWith(OUTPUT))!.text;
  const output = Object.entries(result.metafile.outputs).find(([path]) => path.endsWith(OUTPUT))![1];
  return {
    ok: true,
    program: {
      main,
      format: output.exports.length === 0 ? "service-worker" : "module",
      imports: [...new Set(output.imports.filter(({ external }) => external).map(({ path }) => path))],
      exports: output.exports,
      sourceMap: files.find(file => file.path.endsWith(".map"))!.text,
      root,
    },
    hash: hash("sha256", main),
    warnings: result.warnings.map(message => toBundleMessage(message, root)),
    inputs: successInputs(result.metafile, options.config),
    metafile: JSON.stringify(result.metafile),
  };
}

function toFailure(failure: BuildFailure, options: BundleOptions, read: readonly string[]): BundleFailure {
  const { root } = options.config;
  const translate = (message: Message) => toBundleMessage(message, root);
  const errors = failure.errors.map(translate);
  return {
    ok: false,
    errors,
    warnings: failure.warnings.map(translate),
    inputs: failureInputs(errors, read, options.config),
  };
}

function customFailure(text: string, options: BundleOptions, read: readonly string[]): BundleFailure {
  const errors = [{ text, file: null, line: 0, column: 0, codeFrame: "", notes: [] }];
  return { ok: false, errors, warnings: [], inputs: failureInputs(errors, read, options.config) };
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

/** A failed build has no metafile: it is made once more, only to see which files it opens. */
async function filesRead(
  build: (options: BuildOptions) => Promise<unknown>,
  settings: BuildOptions,
): Promise<readonly string[]> {
  const read: string[] = [];
  const observer: Plugin = {
    name: "worker-observer",
    setup(setup) {
      setup.onLoad({ filter: /./ }, ({ path }) => {
        if (isAbsolute(path)) read.push(path);
        return undefined;
      });
    },
  };
  await build({ ...settings, sourcemap: false, plugins: [observer, ...(settings.plugins ?? [])] }).catch(
    ignore,
  );
  return read;
}
