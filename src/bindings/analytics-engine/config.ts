import * as z from "zod/mini";
import { type BindingConfig, bindingSlice, text } from "../../config/slice.ts";

export interface AnalyticsEngineBinding extends BindingConfig {
  readonly type: "analytics_engine";
  /** The table that data points are written to. */
  readonly dataset: string;
}

/** SQLite keeps tables of such a name to itself. */
const datasetName = text.check(
  z.refine(name => !/^sqlite_|\0/i.test(name), 'must not begin with "sqlite_", which SQLite keeps to itself'),
);

/** `analytics_engine_datasets`: https://developers.cloudflare.com/analytics/analytics-engine/get-started/ */
export const analyticsEngineConfig = bindingSlice({
  key: "analytics_engine_datasets",
  schema: z.array(
    z.strictObject({
      binding: text,
      dataset: z.optional(datasetName),
      remote: z.optional(z.boolean()),
    }),
  ),
  bindings: (datasets, context) =>
    datasets.map(({ binding, dataset, remote }, index): AnalyticsEngineBinding => {
      if (remote) {
        const path = ["analytics_engine_datasets", index, "remote"];
        context.warn(path, "is ignored: this program only has local data");
      }
      return { type: "analytics_engine", name: binding, dataset: dataset ?? binding };
    }),
  describe: ({ dataset }) => `Analytics Engine dataset ${dataset}`,
  envType: () => "AnalyticsEngineDataset",
});
