/** An analytics store that forgets: for tests, and for a worker that shall leave no trace. */
import { COLUMNS, rowOf } from "./columns.ts";
import type { AnalyticsStore, DataPoint, Dataset } from "./store.ts";

type Row = Readonly<Record<string, unknown>>;

export class MemoryAnalyticsStore implements AnalyticsStore {
  readonly #datasets = new Map<string, Row[]>();

  async write(points: readonly DataPoint[]): Promise<void> {
    for (const point of points) {
      const rows = this.#datasets.get(point.dataset) ?? [];
      this.#datasets.set(point.dataset, rows);
      const values = rowOf(point);
      rows.push(Object.fromEntries(COLUMNS.map((column, index) => [column, values[index]])));
    }
  }

  async datasets(): Promise<Dataset[]> {
    return [...this.#datasets]
      .map(([name, rows]) => {
        const times = rows.map(row => String(row["timestamp"])).sort();
        return { name, points: rows.length, first: times[0] ?? "", last: times.at(-1) ?? "" };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async points(dataset: string): Promise<Row[]> {
    return [...(this.#datasets.get(dataset) ?? [])];
  }

  async close(): Promise<void> {}
}
