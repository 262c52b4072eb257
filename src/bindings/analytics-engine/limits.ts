/** Limits of the Analytics Engine (https://developers.cloudflare.com/analytics/analytics-engine/limits/). */
export const analyticsLimits = {
  blobs: 20,
  doubles: 20,
  indexes: 1,
  indexBytes: 96,
  /** Of all blobs of a data point: workerd's 800 for each, where the documentation says 16 KB. */
  blobBytes: 16_000,
  pointsPerEvent: 250,
} as const;
