/** `cloudflare:*`: modules that the guest library has. They stay imports, which the engine links. */
import type { Plugin } from "esbuild";

/** Those that there are. */
export const CLOUDFLARE_MODULES: readonly string[] = [
  "cloudflare:workers",
  "cloudflare:workflows",
  "cloudflare:sockets",
  "cloudflare:email",
  "cloudflare:node",
];

const NAMESPACE = "worker-cloudflare";

export function cloudflarePlugin(): Plugin {
  return {
    name: "worker-cloudflare",
    setup(build) {
      build.onResolve({ filter: /^cloudflare:/ }, ({ path, kind, namespace }) => {
        if (!CLOUDFLARE_MODULES.includes(path)) {
          const notes = [{ text: `There are ${CLOUDFLARE_MODULES.join(", ")}.` }];
          return { errors: [{ text: `There is no module "${path}"`, notes }] };
        }
        // No engine here can import at run time, and `require` is not for modules: both get a module that re-exports.
        if (kind === "import-statement" || namespace === NAMESPACE) return { path, external: true };
        return { path, namespace: NAMESPACE };
      });
      build.onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({
        contents: `export * from ${JSON.stringify(path)};`,
      }));
    },
  };
}
