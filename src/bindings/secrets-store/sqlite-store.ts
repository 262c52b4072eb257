/** The store of secrets of the state folder: one SQLite database a store. Values are as they are, not encrypted. */
import { randomUUID } from "node:crypto";
import type { Clock } from "../../storage/clock.ts";
import { OpenOnce } from "../../storage/open-once.ts";
import { type Database, openDatabase } from "../../storage/sqlite.ts";
import type { NewSecret, Secret, SecretsStore } from "./store.ts";

const MIGRATIONS = [
  `CREATE TABLE secrets (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL,
    comment TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`,
];

/** A secret as a row: its scopes are a JSON array. */
type Row = Omit<Secret, "scopes"> & { readonly scopes: string };

const SHOWN = "id, name, comment, scopes, created, modified";

export class SqliteSecretsStore implements SecretsStore {
  readonly #clock: Clock;
  readonly #secrets: OpenOnce<{ database: Database; statements: ReturnType<typeof prepare> }>;

  constructor(file: string, clock: Clock) {
    this.#clock = clock;
    this.#secrets = new OpenOnce(async () => {
      const database = await openDatabase(file, MIGRATIONS);
      return { database, statements: prepare(database) };
    });
  }

  async get(name: string): Promise<string | null> {
    const { database, statements } = await this.#secrets.get();
    return database.run(() => statements.get.get(name)) ?? null;
  }

  async create({ name, value, comment, scopes }: NewSecret): Promise<Secret> {
    const { database, statements } = await this.#secrets.get();
    const id = randomUUID().replaceAll("-", "");
    const now = this.#clock.now();
    const row = { id, name, value, comment, scopes: JSON.stringify(scopes), created: now, modified: now };
    return secretOf(database.run(() => statements.create.get(row)) as Row);
  }

  async update(
    id: string,
    { value, comment, scopes }: Partial<Omit<NewSecret, "name">>,
  ): Promise<Secret | null> {
    const { database, statements } = await this.#secrets.get();
    const row = {
      id,
      value: value ?? null,
      comment: comment ?? null,
      scopes: scopes === undefined ? null : JSON.stringify(scopes),
      modified: this.#clock.now(),
    };
    const updated = database.run(() => statements.update.get(row));
    return updated === undefined ? null : secretOf(updated);
  }

  async delete(id: string): Promise<boolean> {
    const { database, statements } = await this.#secrets.get();
    return database.run(() => statements.delete.run(id)).changes > 0;
  }

  async list(): Promise<Secret[]> {
    const { database, statements } = await this.#secrets.get();
    return database.run(() => statements.list.all()).map(secretOf);
  }

  async close(): Promise<void> {
    const opened = await this.#secrets.opened();
    opened?.database.close();
  }
}

function secretOf(row: Row): Secret {
  return { ...row, scopes: JSON.parse(row.scopes) as string[] };
}

function prepare(database: Database) {
  return {
    get: database.prepare<[string], string>("SELECT value FROM secrets WHERE name = ?").pluck(),
    create: database.prepare<[object], Row>(
      `INSERT INTO secrets (id, name, value, comment, scopes, created, modified)
      VALUES (@id, @name, @value, @comment, @scopes, @created, @modified)
      ON CONFLICT (name) DO UPDATE SET id = excluded.id, value = excluded.value, comment = excluded.comment,
        scopes = excluded.scopes, created = excluded.created, modified = excluded.modified RETURNING ${SHOWN}`,
    ),
    update: database.prepare<[object], Row>(
      `UPDATE secrets SET value = coalesce(@value, value), comment = coalesce(@comment, comment),
        scopes = coalesce(@scopes, scopes), modified = @modified
      WHERE id = @id RETURNING ${SHOWN}`,
    ),
    delete: database.prepare<[string], never>("DELETE FROM secrets WHERE id = ?"),
    list: database.prepare<[], Row>(`SELECT ${SHOWN} FROM secrets ORDER BY name`),
  };
}
