/**
 * What stands behind a D1 binding. Another implementation (libSQL, a remote SQLite, …) passes the suite
 * `describeD1Store`.
 *
 * The SQL is SQLite's. Calls take effect one after another, in the order in which they are made. A call that fails
 * rejects with a `D1QueryError` whose message the worker sees after `D1_ERROR: `; any other error is the store's own
 * failure.
 */
export interface D1Store {
  /**
   * Performs all statements as one transaction. Resolves when a crash of the process can no longer lose what they
   * wrote; when one of them fails, nothing of any remains.
   */
  query(statements: readonly D1Statement[]): Promise<D1Answer>;

  /** Performs all statements of a text as one transaction, and gives the result of each. */
  script(sql: string): Promise<D1Answer>;

  /**
   * Writes SQL that makes the database again, in parts, and waits for each to be written before it goes on for long. The
   * parts are of one state of the database.
   */
  export(options: D1ExportOptions, write: (text: Uint8Array) => void | Promise<void>): Promise<void>;

  /** The database as the bytes of a SQLite file. */
  dump(): Promise<Uint8Array>;

  /** Lets go of files and processes when the calls under way are done. */
  close(): Promise<void>;
}

export interface D1Statement {
  /** One statement, or several of which the last one takes the parameters and gives the result. */
  readonly sql: string;
  /** A JSON array of strings, numbers, nulls, and arrays of bytes, which are BLOBs. */
  readonly parameters: string;
}

export interface D1Answer {
  /** Stands for the state of the database after the call: later ones compare as greater strings. */
  readonly bookmark: string;
  readonly results: readonly D1Result[];
}

export interface D1Result {
  readonly columns: readonly string[];
  /** A JSON array of arrays of values, in the order of the columns; a BLOB is an array of bytes. */
  readonly rows: string;
  /** Rows changed, those that triggers changed included. */
  readonly changes: number;
  readonly lastRowId: number;
  readonly changed: boolean;
  /** The size of the database afterwards, in bytes. */
  readonly size: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** The time that SQLite took. */
  readonly milliseconds: number;
}

export interface D1ExportOptions {
  /** Names of tables; all tables when it is empty. */
  readonly tables: readonly string[];
  readonly schema: boolean;
  readonly data: boolean;
}

/** A query that cannot be performed. */
export class D1QueryError extends Error {
  override readonly name = "D1QueryError";
  /** Of a script: which of its statements failed, from 0. */
  readonly statement: number | undefined;

  constructor(message: string, statement?: number, options?: ErrorOptions) {
    super(message, options);
    this.statement = statement;
  }
}
