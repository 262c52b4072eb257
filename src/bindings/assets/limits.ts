/** Cloudflare's limits of static assets (https://developers.cloudflare.com/workers/platform/limits/#static-assets). */
export interface AssetsLimits {
  readonly fileBytes: number;
  /** Files on the free plan. */
  readonly freeFiles: number;
  /** Files on a paid plan. */
  readonly paidFiles: number;
  readonly headerRules: number;
  readonly staticRedirects: number;
  readonly dynamicRedirects: number;
  /** Characters of a line of `_headers` and `_redirects`. */
  readonly ruleLineLength: number;
  readonly workerFirstRules: number;
  /** Characters. */
  readonly workerFirstRuleLength: number;
}

export const assetsLimits: AssetsLimits = {
  fileBytes: 25 * 1024 * 1024,
  freeFiles: 20_000,
  paidFiles: 100_000,
  headerRules: 100,
  staticRedirects: 2000,
  dynamicRedirects: 100,
  ruleLineLength: 2000,
  workerFirstRules: 100,
  workerFirstRuleLength: 100,
};

/** How assets are kept in memory here. */
export const assetsMemory = {
  /** A file up to this size is read whole, a larger one streamed. */
  wholeBytes: 64 * 1024,
  /** Contents of small files kept, over all files. */
  keptBytes: 32 * 1024 * 1024,
  /** Files of which something is kept. */
  keptFiles: 20_000,
  /** Read at once of a file that is streamed. */
  chunkBytes: 256 * 1024,
} as const;
