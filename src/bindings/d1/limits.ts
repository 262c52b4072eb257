import type { SqlLimits } from "../../storage/sql/protocol.ts";

/** Cloudflare's limits of D1 (https://developers.cloudflare.com/d1/platform/limits/). */
export interface D1Limits extends SqlLimits {
  /** How long a query or a batch may take. */
  readonly queryMilliseconds: number;
}

/** Those that the documentation does not have are workerd's. */
export const d1Limits: D1Limits = {
  statementBytes: 100_000,
  valueBytes: 2_000_000,
  columns: 100,
  parameters: 100,
  functionArguments: 127,
  likePatternBytes: 50,
  compoundTerms: 5,
  expressionDepth: 100,
  triggerDepth: 10,
  queryMilliseconds: 30_000,
};

/**
 * Limits for commands: a file may hold statements that are as long as the values in them, such as an export's, and take
 * its time.
 */
export const d1CommandLimits: D1Limits = {
  ...d1Limits,
  statementBytes: null,
  valueBytes: null,
  queryMilliseconds: 60 * 60 * 1000,
};
