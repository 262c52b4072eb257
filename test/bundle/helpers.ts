import { bundleOnce } from "../../src/bundle/bundle.ts";
import type { BundleFailure, BundleOptions, BundleSuccess, Program } from "../../src/bundle/types.ts";
import type { ConfigOverrides } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { type Files, project } from "../helpers/project.ts";

interface Setup {
  /** The wrangler configuration. */
  readonly config?: object;
  readonly overrides?: ConfigOverrides;
  readonly engine?: BundleOptions["engine"];
  readonly nodeEnv?: string;
}

/** The bundler's options for the project in a folder. */
export async function optionsFor(cwd: string, setup: Setup = {}): Promise<BundleOptions> {
  const { config } = await loadConfig({ cwd, processEnv: {}, overrides: setup.overrides });
  const { main } = config;
  if (main === null) throw new Error("the project has no worker");
  return {
    config: { ...config, main },
    engine: setup.engine ?? "quickjs",
    nodeEnv: setup.nodeEnv ?? "development",
  };
}

/** Bundles a project of these files; its entry is `src/index.ts` unless the configuration names another. */
export async function bundle(files: Files, setup: Setup = {}) {
  const config = JSON.stringify({ compatibility_date: "2026-01-01", ...setup.config });
  const cwd = project({ "wrangler.json": config, ...files });
  return { cwd, result: await bundleOnce(await optionsFor(cwd, setup)) };
}

export async function built(files: Files, setup: Setup = {}): Promise<BundleSuccess> {
  const { result } = await bundle(files, setup);
  if (!result.ok) throw new Error(result.errors.map(error => `${error.text}\n${error.codeFrame}`).join("\n"));
  return result;
}

export async function broken(files: Files, setup: Setup = {}): Promise<BundleFailure & { cwd: string }> {
  const { result, cwd } = await bundle(files, setup);
  if (result.ok) throw new Error("the bundle was expected to fail");
  return { ...result, cwd };
}

const CLOUDFLARE = `export const env = globalThis.testEnv ?? { TEXT: "text", LIST: [1], KV: new (class KV {})() };
export class WorkerEntrypoint {}
export const connect = () => "connected";`;

/** The exports of a program, evaluated in this process. */
// biome-ignore lint/suspicious/noExplicitAny: tests know what their workers export
export function evaluate(program: Program): Promise<any> {
  const stub = dataUrl(CLOUDFLARE);
  const code = program.main.replaceAll(/(["'])cloudflare:\w+\1/g, JSON.stringify(stub));
  return import(/* @vite-ignore */ dataUrl(code));
}

function dataUrl(code: string): string {
  return `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
}
