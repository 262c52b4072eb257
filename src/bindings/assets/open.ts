/** The assets of a worker, opened by its settings. */
import { join } from "node:path";
import { shortPath } from "../../config/diagnostics.ts";
import type { AssetsFetcher } from "./fetcher.ts";
import { FolderAssetsSource } from "./folder-source.ts";
import { RoutedAssets } from "./routed-assets.ts";
import type { AssetsSettings } from "./settings.ts";
import { surveyFolder } from "./survey.ts";

export interface OpenAssetsOptions {
  warn(message: string): void;
  /** Whether the folder is looked through for what a deployment would not take. */
  readonly survey: boolean;
}

/** The assets of a folder. Rules that are wrong are told at once, and again when they are changed. */
export async function openAssets(
  settings: AssetsSettings,
  { warn, survey }: OpenAssetsOptions,
): Promise<AssetsFetcher> {
  const { directory } = settings;
  const assets = new RoutedAssets(new FolderAssetsSource(directory), settings, {
    onProblem: (file, line, message) =>
      warn(`${shortPath(process.cwd(), join(directory, file))}:${line}: ${message}; the line is ignored`),
  });
  await assets.readRules();
  if (survey) {
    surveyFolder(directory).then(
      warnings => warnings.forEach(warn),
      () => {},
    );
  }
  return assets;
}
