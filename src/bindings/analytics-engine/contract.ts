/** What crosses for the Analytics Engine. */

/** Text; bytes that are not UTF-8 are a character each, in a list of their own; null is nothing. */
export type WireText = string | readonly [bytes: string] | null;

/** A number; what JSON cannot express ("NaN", "Infinity", "-Infinity") is its name. */
export type WireDouble = number | string;

export interface AnalyticsNotices {
  /** Writes a data point. Nobody hears whether that succeeds, as on Cloudflare; the log does when it fails. */
  "analytics.write"(
    dataset: string,
    index: WireText,
    blobs: readonly WireText[],
    doubles: readonly WireDouble[],
  ): void;
}
