/** `text_blobs`, `data_blobs` and `wasm_modules`: files that are globals of a worker in service-worker syntax. */
import { existsSync } from "node:fs";
import type { Plugin } from "esbuild";
import type { ModuleGlobal } from "../config/config.ts";
import type { EngineName } from "../engine/engine.ts";
import { moduleAt } from "./modules.ts";

/** What esbuild is to inject: it is evaluated before the worker's own code. */
export const GLOBALS = "worker-globals";

export function globalsPlugin(globals: readonly ModuleGlobal[], engine: EngineName): Plugin {
  return {
    name: GLOBALS,
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${GLOBALS}$`) }, ({ path }) => ({ path, namespace: GLOBALS }));
      build.onResolve({ filter: /./, namespace: GLOBALS }, args => {
        const { key, name, type, path } = globals[Number(args.path)] as ModuleGlobal;
        const named = `${key}.${name}`;
        if (existsSync(path)) return moduleAt(path, type, engine, named);
        return {
          errors: [{ text: `"${named}" names a file that does not exist: ${path}` }],
          watchFiles: [path],
        };
      });
      build.onLoad({ filter: /./, namespace: GLOBALS }, () => {
        const lines = globals.map(
          ({ name }, index) =>
            `import m${index} from "${index}";\nglobalThis[${JSON.stringify(name)}] = m${index};`,
        );
        return { contents: lines.join("\n"), loader: "js" };
      });
    },
  };
}
