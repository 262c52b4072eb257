import type { Command } from "../command.ts";
import { projectInput } from "../inputs.ts";
import { projectOptions } from "../options.ts";

export const build: Command = {
  name: "build",
  summary: "bundle a worker to a folder",
  description:
    "Bundles the worker as dev and run do, writes the result, and prints its size and its size in gzip.",
  args: "[entry]",
  options: [
    { flags: "--outdir <dir>", summary: "folder to write to", shownDefault: "dist" },
    { flags: "--sourcemap", summary: "write the source map as well" },
    { flags: "--metafile", summary: "write esbuild's metafile as bundle-meta.json" },
    { flags: "--watch", summary: "build again on every save" },
    { flags: "--dry-run", summary: "write nothing" },
    ...projectOptions,
  ],
  examples: [
    { line: "worker build", does: "to dist/" },
    { line: "worker build --minify --sourcemap --outdir out", does: "small, with a source map" },
    { line: "worker build --dry-run", does: "only say how large it is" },
  ],
  async run(context, { args, options }) {
    const { buildProject } = await import("../../runtime/build-project.ts");
    return buildProject(context, projectInput(context, args[0], options), {
      outdir: (options["outdir"] as string | undefined) ?? "dist",
      sourcemap: options["sourcemap"] === true,
      metafile: options["metafile"] === true,
      watch: options["watch"] === true,
      dryRun: options["dryRun"] === true,
    });
  },
};
