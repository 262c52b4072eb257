import * as z from "zod/mini";
import { type BindingConfig, bindingSlice, text } from "../../config/slice.ts";

export interface KVBinding extends BindingConfig {
  readonly type: "kv";
  /** Names the store: two bindings with one id see the same data. The worker sees the preview namespace, where there is one. */
  readonly id: string;
  /** `preview_id`. */
  readonly previewId?: string;
  /** What `id` would be without `preview_id`. */
  readonly productionId?: string;
}

/** `kv_namespaces`: https://developers.cloudflare.com/workers/wrangler/configuration/#kv-namespaces */
export const kvConfig = bindingSlice({
  key: "kv_namespaces",
  schema: z.array(
    z.strictObject({
      binding: text,
      id: z.optional(text),
      preview_id: z.optional(text),
      remote: z.optional(z.boolean()),
    }),
  ),
  bindings: (namespaces, context) =>
    namespaces.map(({ binding, id, preview_id, remote }, index): KVBinding => {
      if (remote) {
        context.warn(["kv_namespaces", index, "remote"], "is ignored: this program only has local data");
      }
      const productionId = id ?? `${binding}-${context.workerName}`;
      const kv: KVBinding = { type: "kv", name: binding, id: preview_id ?? productionId };
      return preview_id === undefined ? kv : { ...kv, previewId: preview_id, productionId };
    }),
  describe: binding => `KV namespace ${binding.id}`,
  envType: () => "KVNamespace",
});
