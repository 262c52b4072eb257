/** The bundler: a worker's files to one program, again and again. */
import { hash } from "node:crypto";
import { isAbsolute } from "node:path";
import type { BuildContext, BuildFailure, BuildResult, Message, Plugin } from "esbuild";
import { CustomBuilder } from "./custom-build.ts";
import { failureInputs, successInputs } from "./inputs.ts";
import { toBundleMessage } from "./messages.ts";
import { mentionsGlobals } from "./node-compat.ts";
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
  let esbuilder: Esbuilder | undefined;
  let running: Promise<BundleResult> | undefined;
  let next: Promise<BundleResult> | undefined;
  let disposed = false;
  /** What the last good build read: a bad one cannot tell. */
  let known: readonly string[] = [];

  async function once(): Promise<BundleResult> {
    if (disposed) throw new Error("the bundler has been disposed of");
    const problem = await custom?.run();
    if (problem !== undefined) return customFailure(problem, options, known);
    try {
      esbuilder ??= await Esbuilder.open(options, false);
      let success = toSuccess(await esbuilder.rebuild(), options);
      if (!esbuilder.hasGlobals && mentionsGlobals(config.nodeCompat, success.program.main)) {
        await esbuilder.dispose();
        esbuilder = await Esbuilder.open(options, true);
        success = toSuccess(await esbuilder.rebuild(), options);
      }
      known = success.inputs;
      return success;
    } catch (error) {
      if (!isBuildFailure(error)) throw error;
      return toFailure(error, options, [...known, ...((await esbuilder?.filesRead()) ?? [])]);
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
      await esbuilder?.dispose();
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

/** esbuild with one set of options. */
class Esbuilder {
  readonly hasGlobals: boolean;
  readonly #esbuild: typeof import("esbuild");
  readonly #options: Options;
  readonly #context: BuildContext<Options>;

  private constructor(
    esbuild: typeof import("esbuild"),
    options: Options,
    context: BuildContext<Options>,
    hasGlobals: boolean,
  ) {
    this.#esbuild = esbuild;
    this.#options = options;
    this.#context = context;
    this.hasGlobals = hasGlobals;
  }

  static async open(options: BundleOptions, globals: boolean): Promise<Esbuilder> {
    const [esbuild, settings] = await Promise.all([import("esbuild"), esbuildOptions(options, globals)]);
    return new Esbuilder(esbuild, settings, await esbuild.context(settings), globals);
  }

  rebuild(): Promise<BuildResult<Options>> {
    return this.#context.rebuild();
  }

  dispose(): Promise<void> {
    return this.#context.dispose();
  }

  /** A failed build has no metafile: it is made once more, only to see which files it opens. */
  async filesRead(): Promise<readonly string[]> {
    const read: string[] = [];
    const observer: Plugin = {
      name: "worker-observer",
      setup(build) {
        build.onLoad({ filter: /./ }, ({ path }) => {
          if (isAbsolute(path)) read.push(path);
          return undefined;
        });
      },
    };
    const plugins = [observer, ...this.#options.plugins];
    await this.#esbuild.build({ ...this.#options, sourcemap: false, plugins }).catch(ignore);
    return read;
  }
}

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
