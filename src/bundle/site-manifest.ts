/** `import manifest from "__STATIC_CONTENT_MANIFEST"`: the keys of a site's files, as JSON. */
import type { Plugin } from "esbuild";

const NAMESPACE = "worker-site";

export function siteManifestPlugin(manifest: () => string): Plugin {
  return {
    name: NAMESPACE,
    setup(build) {
      build.onResolve({ filter: /^__STATIC_CONTENT_MANIFEST$/ }, ({ path }) => ({
        path,
        namespace: NAMESPACE,
      }));
      build.onLoad({ filter: /./, namespace: NAMESPACE }, () => ({ contents: manifest(), loader: "text" }));
    },
  };
}
