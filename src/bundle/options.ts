/** A worker's configuration as esbuild's options. */
import type { BuildOptions, Plugin } from "esbuild";
import { additionalOptions, additionalPlugin } from "./additional.ts";
import { cloudflarePlugin } from "./cloudflare.ts";
import { GLOBALS, globalsPlugin } from "./globals.ts";
import { modulesPlugin } from "./modules.ts";
import { nodeCompatOptions, nodeCompatPlugin } from "./node-compat.ts";
import { siteManifestPlugin } from "./site-manifest.ts";
import type { BundleOptions } from "./types.ts";

/** The name of the bundle among esbuild's outputs. */
export const OUTPUT = "index.js";

/** Both engines read ES2022; esbuild lowers `using`, and leaves regular expressions to the engine. */
const TARGET = "es2022";

/** `globals`: whether the code gets Node.js's globals, if its compatibility flags give them. */
export async function esbuildOptions(options: BundleOptions, globals: boolean) {
  const { config, nodeEnv } = options;
  // Without bundling esbuild only links the files, since an engine takes one module.
  const bundled = !config.noBundle;
  const node = nodeCompatOptions(config.nodeCompat);
  const additional = config.findAdditionalModules
    ? additionalOptions(config.main, config.baseDir)
    : { inject: [], supported: {} };
  return {
    absWorkingDir: config.root,
    entryPoints: { index: config.main },
    outdir: config.root,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["browser", "module", "main"],
    target: TARGET,
    charset: "utf8",
    logLevel: "silent",
    sourcemap: "external",
    keepNames: bundled && config.keepNames,
    minify: bundled && config.minify,
    loader: bundled ? { ".js": "jsx", ".mjs": "jsx", ".cjs": "jsx" } : {},
    ...(bundled && config.tsconfig !== null && { tsconfig: config.tsconfig }),
    ...(!bundled && { tsconfigRaw: {} }),
    ...(bundled && config.jsxFactory !== null && { jsxFactory: config.jsxFactory }),
    ...(bundled && config.jsxFragment !== null && { jsxFragment: config.jsxFragment }),
    alias: bundled ? config.alias : {},
    define: {
      ...node.define,
      ...(bundled && { "process.env.NODE_ENV": JSON.stringify(nodeEnv), ...config.define }),
    },
    inject: [
      ...(config.moduleGlobals.length > 0 ? [GLOBALS] : []),
      ...(globals ? node.inject : []),
      ...additional.inject,
    ],
    supported: additional.supported,
    ...("banner" in additional && { banner: additional.banner }),
    plugins: await plugins(options),
  } satisfies BuildOptions;
}

async function plugins({ config, engine, siteManifest }: BundleOptions): Promise<Plugin[]> {
  const list = [
    cloudflarePlugin(),
    modulesPlugin(config.rules, engine),
    await nodeCompatPlugin({
      mode: config.nodeCompat,
      populateProcessEnv: config.populateProcessEnv,
      aliased: new Set(Object.keys(config.alias)),
    }),
  ];
  if (config.moduleGlobals.length > 0) list.push(globalsPlugin(config.moduleGlobals, engine));
  if (siteManifest !== undefined) list.push(siteManifestPlugin(siteManifest));
  if (config.findAdditionalModules) list.push(additionalPlugin(config.main, config.baseDir, config.rules));
  return list;
}
