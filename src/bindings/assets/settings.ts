/** How a worker's assets are served. https://developers.cloudflare.com/workers/static-assets/routing/ */
export interface AssetsRouting {
  readonly htmlHandling: HtmlHandling;
  readonly notFoundHandling: NotFoundHandling;
  /** Whether the worker comes before the assets: for all paths, or for those of these patterns, `!` excepting some. */
  readonly runWorkerFirst: boolean | readonly string[];
  /** The path that the folder stands for, with a slash at both ends. */
  readonly basePath: string;
  /** Whether a browser's navigation to a path without an asset gets what `notFoundHandling` says, before the worker. */
  readonly navigationPrefersAssets: boolean;
}

export interface AssetsSettings extends AssetsRouting {
  /** Absolute. */
  readonly directory: string;
}

export const HTML_HANDLING = [
  "auto-trailing-slash",
  "force-trailing-slash",
  "drop-trailing-slash",
  "none",
] as const;
export type HtmlHandling = (typeof HTML_HANDLING)[number];

export const NOT_FOUND_HANDLING = ["none", "404-page", "single-page-application"] as const;
export type NotFoundHandling = (typeof NOT_FOUND_HANDLING)[number];

export const DEFAULT_ROUTING: AssetsRouting = {
  htmlHandling: "auto-trailing-slash",
  notFoundHandling: "none",
  runWorkerFirst: false,
  basePath: "/",
  navigationPrefersAssets: true,
};
