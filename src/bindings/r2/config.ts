import * as z from "zod/mini";
import { type BindingConfig, bindingSlice, text } from "../../config/slice.ts";

export interface R2Binding extends BindingConfig {
  readonly type: "r2";
  /** The bucket's name: two bindings with one name see the same objects. */
  readonly id: string;
  /** The credentials of its S3 endpoint; null for those that every bucket has. */
  readonly s3Credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
}

const credentials = z.strictObject({ accessKeyId: text, secretAccessKey: text });

/** `r2_buckets`: https://developers.cloudflare.com/workers/wrangler/configuration/#r2-buckets */
export const r2Config = bindingSlice({
  key: "r2_buckets",
  schema: z.array(
    z.strictObject({
      binding: text,
      bucket_name: z.optional(text),
      preview_bucket_name: z.optional(text),
      // Where Cloudflare keeps the objects, which changes nothing here.
      jurisdiction: z.optional(text),
      remote: z.optional(z.boolean()),
      local_dev: z.optional(z.strictObject({ experimental_s3_credentials: z.optional(credentials) })),
    }),
  ),
  bindings: (buckets, context) =>
    buckets.map(({ binding, bucket_name, preview_bucket_name, remote, local_dev }, index): R2Binding => {
      if (remote) {
        context.warn(["r2_buckets", index, "remote"], "is ignored: this program only has local data");
      }
      return {
        type: "r2",
        name: binding,
        id: preview_bucket_name ?? bucket_name ?? `${binding}-${context.workerName}`,
        s3Credentials: local_dev?.experimental_s3_credentials ?? null,
      };
    }),
  describe: binding => `R2 bucket ${binding.id}`,
  envType: () => "R2Bucket",
});
