/** The analytics store of the state folder: one SQLite database, a table for each dataset. */
import { OpenOnce } from "../../storage/open-once.ts";
import { quoteName } from "../../storage/sql/quote.ts";
import { type Database, openDatabase } from "../../storage/sqlite.ts";
import { COLUMNS, rowOf } from "./columns.ts";
import type { AnalyticsStore, DataPoint, Dataset } from "./store.ts";

/** Columns have no types: a blob is text, or bytes where it is not UTF-8. */
const createTable = (dataset: string) =>
  `CREATE TABLE IF NOT EXISTS ${quoteName(dataset)} (${COLUMNS.join(", ")})`;

const TABLES =
  "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

type Insert = ReturnType<Database["prepare"]>;

export class SqliteAnalyticsStore implements AnalyticsStore {
  readonly #database: OpenOnce<Database>;
  readonly #inserts = new Map<string, Insert>();

  constructor(file: string) {
    this.#database = new OpenOnce(() => openDatabase(file, []));
  }

  async write(points: readonly DataPoint[]): Promise<void> {
    const database = await this.#database.get();
    const insertAll = () =>
      database.transaction(() => {
        for (const point of points) this.#insert(database, point.dataset).run(...rowOf(point));
      });
    try {
      insertAll();
    } catch (error) {
      // A state that was restored may be of a time before a table was made.
      if (!/^no such table/.test((error as Error).message)) throw error;
      this.#inserts.clear();
      insertAll();
    }
  }

  async datasets(): Promise<Dataset[]> {
    const database = await this.#database.get();
    return database.run(() => {
      const names = database.prepare<[], string>(`${TABLES} ORDER BY name`).pluck().all();
      return names.map(name => {
        const summary = "count(*) AS points, min(timestamp) AS first, max(timestamp) AS last";
        const row = database
          .prepare<[], Omit<Dataset, "name">>(`SELECT ${summary} FROM ${quoteName(name)}`)
          .get();
        return { name, ...(row as Omit<Dataset, "name">) };
      });
    });
  }

  async points(dataset: string): Promise<Readonly<Record<string, unknown>>[]> {
    const database = await this.#database.get();
    return database.run(() => {
      const known = database.prepare<[string], string>(`${TABLES} AND name = ? COLLATE NOCASE`).get(dataset);
      if (known === undefined) return [];
      return database
        .prepare<[], Record<string, unknown>>(`SELECT * FROM ${quoteName(dataset)} ORDER BY rowid`)
        .all();
    });
  }

  async close(): Promise<void> {
    const database = await this.#database.opened();
    database?.close();
  }

  #insert(database: Database, dataset: string): Insert {
    let insert = this.#inserts.get(dataset);
    if (insert === undefined) {
      database.prepare(createTable(dataset)).run();
      insert = database.prepare(
        `INSERT INTO ${quoteName(dataset)} VALUES (${COLUMNS.map(() => "?").join(", ")})`,
      );
      this.#inserts.set(dataset, insert);
    }
    return insert;
  }
}
