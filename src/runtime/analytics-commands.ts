/** The datasets of a project, for commands. */
import { existsSync } from "node:fs";
import { analyticsFile } from "../bindings/analytics-engine/host.ts";
import { type Answer, queryDatasets } from "../bindings/analytics-engine/query/query.ts";
import { SqliteAnalyticsStore } from "../bindings/analytics-engine/sqlite-store.ts";
import type { Dataset } from "../bindings/analytics-engine/store.ts";
import type { DataInput } from "./project.ts";
import { openStores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";

/** The datasets that have points. */
export async function listDatasets(
  surroundings: Surroundings,
  input: DataInput,
): Promise<readonly Dataset[]> {
  const { environment } = await openStores(surroundings, input);
  const file = analyticsFile(environment.stateDir);
  if (!existsSync(file)) return [];
  const store = new SqliteAnalyticsStore(file);
  try {
    return await store.datasets();
  } finally {
    await store.close();
  }
}

/** Answers a query. */
export async function queryAnalytics(
  surroundings: Surroundings,
  input: DataInput,
  sql: string,
): Promise<Answer> {
  const { environment } = await openStores(surroundings, input);
  return queryDatasets(analyticsFile(environment.stateDir), sql, environment.now);
}
