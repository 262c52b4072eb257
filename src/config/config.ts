/** The configuration of one worker, normalised: nothing is optional, and every path is absolute. */
import type { AssetsSettings } from "../bindings/assets/settings.ts";
import type { SiteSettings } from "../bindings/sites/settings.ts";
import type { NodeCompat } from "./compatibility.ts";
import type { BindingConfig } from "./slice.ts";

export type ModuleType = "ESModule" | "CommonJS" | "CompiledWasm" | "Text" | "Data";

/** Which files are modules of which type. */
export interface ModuleRule {
  readonly type: ModuleType;
  readonly globs: readonly string[];
  /** Whether later rules of the same type apply as well. */
  readonly fallthrough: boolean;
}

/** A file that is a global of a worker in service-worker syntax. */
export interface ModuleGlobal {
  /** The key that it is under. */
  readonly key: "text_blobs" | "data_blobs" | "wasm_modules";
  readonly name: string;
  readonly type: ModuleType;
  readonly path: string;
}

export interface CustomBuild {
  readonly command: string;
  readonly cwd: string;
  readonly watchDirs: readonly string[];
}

export interface DevConfig {
  readonly ip: string;
  /** Null: 8787, or the next free one. */
  readonly port: number | null;
  readonly inspectorIp: string;
  /** Null: no inspector was asked for. */
  readonly inspectorPort: number | null;
  readonly localProtocol: "http" | "https";
  readonly upstreamProtocol: "http" | "https";
  /** The host that the worker sees in its requests; null: the one that the client sent. */
  readonly host: string | null;
}

export interface Config {
  readonly name: string;
  /** The entry point; null for a project of static assets alone. */
  readonly main: string | null;
  /** The folder of the configuration file; where there is none, the project's. */
  readonly root: string;
  /** Null where there is no configuration file. */
  readonly configPath: string | null;
  readonly environment: string | null;

  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly nodeCompat: NodeCompat;
  /** Whether `process.env` holds the text bindings. */
  readonly populateProcessEnv: boolean;

  /** Everything on `env`, in the order of the configuration: variables, secrets, then the other kinds. */
  readonly bindings: readonly BindingConfig[];
  readonly assets: AssetsSettings | null;
  readonly site: SiteSettings | null;
  readonly moduleGlobals: readonly ModuleGlobal[];
  readonly triggers: { readonly crons: readonly string[] };
  readonly limits: { readonly cpuMs: number | null; readonly subrequests: number | null };

  readonly rules: readonly ModuleRule[];
  readonly findAdditionalModules: boolean;
  /** Where additional modules are looked for. */
  readonly baseDir: string;
  readonly define: Readonly<Record<string, string>>;
  readonly alias: Readonly<Record<string, string>>;
  /** Null: the one that is nearest to each file. */
  readonly tsconfig: string | null;
  readonly jsxFactory: string | null;
  readonly jsxFragment: string | null;
  readonly minify: boolean;
  readonly noBundle: boolean;
  readonly keepNames: boolean;
  readonly customBuild: CustomBuild | null;

  readonly dev: DevConfig;
}

/** What the command line says over the configuration file. Paths are relative to the working directory. */
export interface ConfigOverrides {
  readonly name?: string | undefined;
  /** The folder of static assets. */
  readonly assets?: string | undefined;
  readonly compatibilityDate?: string | undefined;
  readonly compatibilityFlags?: readonly string[] | undefined;
  readonly define?: Readonly<Record<string, string>> | undefined;
  readonly alias?: Readonly<Record<string, string>> | undefined;
  readonly tsconfig?: string | undefined;
  readonly jsxFactory?: string | undefined;
  readonly jsxFragment?: string | undefined;
  readonly minify?: boolean | undefined;
  readonly noBundle?: boolean | undefined;
  readonly crons?: readonly string[] | undefined;
  readonly cpuMs?: number | undefined;
  readonly subrequests?: number | undefined;
  readonly ip?: string | undefined;
  readonly port?: number | undefined;
  readonly inspectorIp?: string | undefined;
  readonly inspectorPort?: number | undefined;
  readonly localProtocol?: "http" | "https" | undefined;
  readonly upstreamProtocol?: "http" | "https" | undefined;
  readonly host?: string | undefined;
}
