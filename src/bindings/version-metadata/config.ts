import * as z from "zod/mini";
import { bindingSlice, text } from "../../config/slice.ts";

/** `version_metadata`: https://developers.cloudflare.com/workers/runtime-apis/bindings/version-metadata/ */
export const versionMetadataConfig = bindingSlice({
  key: "version_metadata",
  schema: z.strictObject({ binding: text }),
  bindings: ({ binding }) => [{ type: "version_metadata", name: binding }],
  describe: () => "version metadata",
  envType: () => "WorkerVersionMetadata",
});
