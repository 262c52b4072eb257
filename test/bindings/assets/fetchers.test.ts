/** The implementations of `AssetsFetcher` under their common suite. */
import { afterAll } from "vitest";
import { FolderAssetsSource } from "../../../src/bindings/assets/folder-source.ts";
import { MemoryAssetsSource } from "../../../src/bindings/assets/memory-source.ts";
import { RoutedAssets } from "../../../src/bindings/assets/routed-assets.ts";
import type { AssetsSource } from "../../../src/bindings/assets/source.ts";
import { folder } from "../../helpers/cli.ts";
import { describeAssetsFetcher, type OpenAssets, type SiteFiles } from "./fetcher-suite.ts";

const opened: RoutedAssets[] = [];
afterAll(() => Promise.all(opened.map(assets => assets.close())));

const opener =
  (source: (files: SiteFiles) => AssetsSource): OpenAssets =>
  async (files, routing) => {
    const problems: string[] = [];
    const assets = new RoutedAssets(source(files), routing, {
      onProblem: (file, line, message) => problems.push(`${file} ${line}: ${message}`),
    });
    opened.push(assets);
    return { assets, problems };
  };

describeAssetsFetcher(
  "a folder",
  opener(files => new FolderAssetsSource(folder(files))),
);
describeAssetsFetcher(
  "memory",
  opener(files => new MemoryAssetsSource(files)),
);
