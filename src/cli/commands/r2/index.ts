import type { Command } from "../../command.ts";
import { bucket } from "./bucket/index.ts";
import { bulk } from "./bulk/index.ts";
import { object } from "./object/index.ts";

export const r2: Command = {
  name: "r2",
  summary: "see and change what R2 buckets hold",
  description: "See and change what R2 buckets hold, on this machine, with a server running or not.",
  examples: [
    { line: "worker r2 object put files/logo.png --file logo.png", does: "store a file" },
    { line: "worker r2 object list files", does: "objects as JSON" },
    { line: "worker r2 bucket list", does: "the buckets" },
  ],
  subcommands: [object, bulk, bucket],
};
