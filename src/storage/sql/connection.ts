/** One SQLite database as a worker may use it: guarded, limited, with an account of what each query did. */
import type { DatabaseSync } from "node:sqlite";
import { type Authorization, authorize } from "./authorizer.ts";
import { type Compiles, failureOf, SqlError, TRANSACTION_REFUSED } from "./error-text.ts";
import { openDatabase, ownStatements } from "./open.ts";
import { Statement, type Values } from "./prepared.ts";
import type { SqlFailure, SqlQuery, SqlResult, SqlSettings } from "./protocol.ts";
import { rowsRead, rowsWritten } from "./row-counts.ts";

/** Compiled statements that are kept. */
const KEPT_STATEMENTS = 256;

/** Needs no lock, as far as one can tell before it is compiled. */
const PLAIN_READ = /^\s*(?:select|values)\b[^;]*;?\s*$/i;

/** A statement that is longer than this is looked for in ever larger parts of a script. */
const WINDOW = 16 * 1024;

export class SqlConnection {
  readonly #database: DatabaseSync;
  readonly #statementBytes: number;
  readonly #kept = new Map<string, Statement>();
  /** What the authorizer notes; undefined while statements of our own are compiled. */
  #seen: Authorization | undefined;
  /** The text that is being compiled, for the places of errors. */
  #compiling: string | undefined;
  readonly #own: ReturnType<typeof ownStatements>;
  #totalChanges = 0;
  #lastRowId = 0;

  constructor(settings: SqlSettings) {
    this.#database = openDatabase(settings);
    this.#statementBytes = settings.limits.statementBytes ?? Number.POSITIVE_INFINITY;
    this.#own = ownStatements(this.#database);
    this.#database.setAuthorizer((action, ...args) =>
      this.#seen === undefined ? 0 : authorize(this.#seen, action, args[0], args[1], args[2]),
    );
  }

  /** Performs all queries, or none. */
  query(queries: readonly SqlQuery[]): SqlResult[] {
    const given = queries.filter(([sql]) => sql.replace(/^\s*--.*/gm, "").trim() !== "");
    if (given.length === 0) throw new SqlError("No SQL statements detected.");
    const reads = given.every(([sql]) => this.#kept.get(sql)?.readOnly ?? PLAIN_READ.test(sql));
    return this.#transaction(reads, () => given.map(query => this.#perform(query)));
  }

  /** Performs all statements of a script, or none; `onStatement` is told before each which one it is. */
  script(sql: string, onStatement: (index: number) => void): SqlResult[] {
    return this.#transaction(false, () => {
      const results: SqlResult[] = [];
      for (let at = afterSpace(sql, 0); at < sql.length; at = afterSpace(sql, at)) {
        onStatement(results.length);
        const statement = this.#nextOf(sql, at);
        if (statement === undefined) break;
        results.push(this.#run(statement, []));
        at += statement.length;
      }
      return results;
    });
  }

  /** Runs work that reads in several steps and must see one state of the database. */
  snapshot<T>(work: (database: DatabaseSync) => T): T {
    return this.#trusted(() => {
      this.#database.exec("BEGIN");
      try {
        return work(this.#database);
      } finally {
        this.#database.exec("COMMIT");
      }
    });
  }

  dump(): Uint8Array {
    return this.#trusted(() => this.#database.serialize());
  }

  /** What an exception of this connection's is to its user. */
  explain(error: unknown): SqlFailure {
    const sql = this.#compiling;
    this.#compiling = undefined;
    const compiles: Compiles = text => {
      try {
        this.#compile(text);
        return undefined;
      } catch (error) {
        return (error as Error).message;
      }
    };
    return failureOf(error, sql, compiles);
  }

  close(): void {
    this.#kept.clear();
    this.#database.close();
  }

  /** A text of one statement or several; the parameters and the result are those of the last. */
  #perform([sql, parameters]: SqlQuery): SqlResult {
    const before = this.#totalChanges;
    let changed = false;
    let statement = this.#prepare(sql);
    let rest = restOf(sql, statement);
    while (rest !== "") {
      if (statement.parameters.length > 0) {
        throw new SqlError(
          "When executing multiple SQL statements in a single call, only the last statement can have parameters.",
        );
      }
      changed = this.#run(statement, []).changed || changed;
      statement = this.#prepare(rest);
      rest = restOf(rest, statement);
    }
    const result = this.#run(statement, valuesOf(parameters));
    return { ...result, changes: this.#totalChanges - before, changed: changed || result.changed };
  }

  #run(statement: Statement, values: Values): SqlResult {
    if (values.length !== statement.parameters.length) {
      throw new SqlError("Wrong number of parameter bindings for SQL query.");
    }
    const sizeBefore = statement.readOnly ? 0 : this.#size();
    this.#seen = undefined;
    statement.explain();
    const seen = unseen();
    this.#seen = seen;
    const startedAt = performance.now();
    const rows = this.#watched(statement, () => statement.run(values));
    const milliseconds = performance.now() - startedAt;
    this.#seen = undefined;
    if (statement.alters && this.#own.reserved.get() !== undefined) {
      throw new SqlError("not authorized: SQLITE_AUTH");
    }
    // Asked again while it ran, SQLite has compiled it again: the schema has changed.
    if (seen.asked > 0) statement.refresh();
    const size = this.#size();
    const changesBefore = this.#totalChanges;
    const lastRowBefore = this.#lastRowId;
    let own = 0;
    if (!statement.readOnly) {
      [this.#totalChanges, this.#lastRowId, own] = this.#own.changes.get() as unknown as [
        number,
        number,
        number,
      ];
    }
    const changes = this.#totalChanges - changesBefore;
    const rowIdChanged = this.#lastRowId !== lastRowBefore;
    const profile = statement.profile();
    return {
      columns: statement.columns,
      rows: rows.text,
      changes,
      lastRowId: this.#lastRowId,
      changed: !statement.readOnly && (changes !== 0 || rowIdChanged || size !== sizeBefore),
      size,
      rowsRead: rowsRead(profile, { returned: rows.count, first: rows.first, changes: own }),
      rowsWritten: statement.readOnly ? 0 : rowsWritten(profile, { changes, own, inserted: rowIdChanged }),
      milliseconds: Math.round(milliseconds * 1e4) / 1e4,
    };
  }

  /** An error of a statement that had to be compiled again has its place, as it would have had the first time. */
  #watched<T>(statement: Statement, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (this.#seen !== undefined && this.#seen.asked > 0) this.#compiling = statement.source;
      throw error;
    }
  }

  /** The first statement of a text. */
  #prepare(sql: string): Statement {
    const kept = this.#kept.get(sql);
    if (kept !== undefined) {
      this.#kept.delete(sql);
      this.#kept.set(sql, kept);
      return kept;
    }
    this.#compiling = sql;
    const statement = this.#compile(sql);
    this.#compiling = undefined;
    if (statement.isWholeOf(sql) && !statement.isPragma) {
      this.#kept.set(sql, statement);
      const [oldest] = this.#kept.keys();
      if (this.#kept.size > KEPT_STATEMENTS && oldest !== undefined) this.#kept.delete(oldest);
    }
    return statement;
  }

  #compile(sql: string): Statement {
    if (Buffer.byteLength(sql) > this.#statementBytes)
      throw new SqlError("statement too long: SQLITE_TOOBIG");
    const seen = unseen();
    this.#seen = seen;
    try {
      return new Statement(this.#database, sql, seen);
    } catch (error) {
      if (seen.transaction) throw new SqlError(TRANSACTION_REFUSED);
      if ((error as { code?: unknown }).code === "ERR_INVALID_ARG_VALUE") {
        throw new SqlError("SQL code did not contain a statement.");
      }
      throw error;
    } finally {
      this.#seen = undefined;
    }
  }

  /**
   * The statement of a script that begins at `at`; undefined where only comments are left. SQLite is shown a part of the
   * text, which grows until a statement ends in it: shown all that is left, each statement would cost as much as the script.
   */
  #nextOf(script: string, at: number): Statement | undefined {
    for (let length = WINDOW; ; length *= 4) {
      const all = at + length >= script.length;
      const part = all ? script.slice(at) : script.slice(at, at + length);
      this.#compiling = part;
      try {
        const statement = this.#compile(part);
        if (all || part[statement.length - 1] === ";") {
          this.#compiling = undefined;
          return statement;
        }
      } catch (error) {
        if (!all) continue;
        if (error instanceof SqlError && /did not contain/.test(error.message)) return undefined;
        throw error;
      }
    }
  }

  #transaction<T>(reads: boolean, work: () => T): T {
    const begin = reads ? this.#own.begin : this.#own.beginImmediate;
    this.#trusted(() => begin.run());
    try {
      const result = work();
      this.#trusted(() => this.#own.commit.run());
      return result;
    } catch (error) {
      this.#seen = undefined;
      if (this.#database.isTransaction) this.#trusted(() => this.#own.rollback.run());
      [this.#totalChanges] = this.#own.changes.get() as unknown as [number];
      throw error;
    }
  }

  #trusted<T>(work: () => T): T {
    this.#seen = undefined;
    return work();
  }

  #size(): number {
    this.#seen = undefined;
    return (this.#own.pageCount.get() as unknown as [number])[0] * this.#own.pageSize;
  }
}

const unseen = (): Authorization => ({
  readOnly: true,
  pragma: false,
  alters: false,
  transaction: false,
  asked: 0,
});

/** What follows the first statement of a text. Spaces are no statement; a comment is, as on workerd. */
function restOf(sql: string, statement: Statement): string {
  return sql.slice(statement.length).trim();
}

function afterSpace(text: string, at: number): number {
  const match = /[^\s;]/g;
  match.lastIndex = at;
  return match.exec(text)?.index ?? text.length;
}

/** Values out of their JSON. Bytes are arrays of numbers in it. */
function valuesOf(parameters: string): Values {
  if (parameters === "[]") return [];
  const values = JSON.parse(parameters) as unknown;
  if (!Array.isArray(values)) throw new SqlError("The parameters of a statement have to be an array.");
  return values.map(value => {
    if (value === null || typeof value === "string" || typeof value === "number") return value;
    if (Array.isArray(value) && value.every(byte => typeof byte === "number")) return Uint8Array.from(value);
    throw new SqlError(`Type '${typeof value}' not supported for value '${JSON.stringify(value)}'`);
  });
}
