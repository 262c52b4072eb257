/** `worker build`: the bundle on disk, and how large it is. */
import { resolve } from "node:path";
import { EXIT } from "../errors.ts";
import type { ProjectInput } from "./project.ts";
import type { Surroundings } from "./surroundings.ts";

export interface BuildInput {
  /** Relative to the working directory. */
  readonly outdir: string;
  readonly sourcemap: boolean;
  readonly metafile: boolean;
  readonly watch: boolean;
  readonly dryRun: boolean;
}
