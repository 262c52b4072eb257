/** What goes into the bundler and what comes out. */
import type { Config } from "../config/config.ts";
import type { EngineName } from "../engine/engine.ts";

/** What of the configuration the bundle depends on. */
export type BundleConfig = Pick<
  Config,
  | "root"
  | "baseDir"
  | "nodeCompat"
  | "populateProcessEnv"
  | "rules"
  | "findAdditionalModules"
  | "define"
  | "alias"
  | "tsconfig"
  | "jsxFactory"
  | "jsxFragment"
  | "minify"
  | "noBundle"
  | "keepNames"
  | "customBuild"
  | "moduleGlobals"
  | "site"
> & { readonly main: string };

export interface BundleOptions {
  readonly config: BundleConfig;
  readonly engine: EngineName;
  /** What `process.env.NODE_ENV` becomes. */
  readonly nodeEnv: string;
  /** The manifest of the site that the configuration has. */
  readonly siteManifest?: (() => string) | undefined;
  /** Takes the output of a custom build, a line at a time. */
  readonly onOutput?: ((line: string) => void) | undefined;
}

/** A worker's code, ready for an engine: one ECMAScript module, whatever it was made of. */
export interface Program {
  /** Its imports, if any, are `cloudflare:*`. */
  readonly main: string;
  /** "service-worker": it exports nothing, and registers listeners instead. */
  readonly format: "module" | "service-worker";
  /** The `cloudflare:*` modules that it imports. */
  readonly imports: readonly string[];
  /** The names that it exports. */
  readonly exports: readonly string[];
  /** A version 3 source map as JSON. Its sources are relative to `root`. */
  readonly sourceMap: string;
  readonly root: string;
}

/** A place in a file, and what is wrong with it. */
export interface BundleMessage {
  readonly text: string;
  /** Absolute; null where the problem has no place. */
  readonly file: string | null;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Empty where the problem has no place. */
  readonly codeFrame: string;
  readonly notes: readonly string[];
}

export interface BundleSuccess {
  readonly ok: true;
  readonly program: Program;
  /** Of the code alone: equal hashes mean that a reload would change nothing but the source map. */
  readonly hash: string;
  readonly warnings: readonly BundleMessage[];
  readonly inputs: readonly string[];
  /** esbuild's metafile as JSON. */
  readonly metafile: string;
}

export interface BundleFailure {
  readonly ok: false;
  readonly errors: readonly BundleMessage[];
  readonly warnings: readonly BundleMessage[];
  readonly inputs: readonly string[];
}

/**
 * `inputs` is what to watch: files; folders whose direct entries matter, with a separator at their end; and folders
 * with everything below them, with a separator and `**` at their end.
 */
export type BundleResult = BundleSuccess | BundleFailure;
