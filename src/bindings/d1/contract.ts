/** What crosses for D1. The first argument is always the binding's name. */

/** A text of SQL, and its parameters as a JSON array. */
export type D1CrossingStatement = readonly [sql: string, parameters: string];

/** What one statement did. Rows are a JSON array of arrays, in the order of the columns. */
export type D1CrossingResult = readonly [
  columns: readonly string[],
  rows: string,
  changes: number,
  lastRowId: number,
  changed: boolean,
  size: number,
  rowsRead: number,
  rowsWritten: number,
  milliseconds: number,
];

/** The results in the order of the statements, or the message of the error that took all of them back. */
export type D1CrossingAnswer = string | readonly [bookmark: string, results: readonly D1CrossingResult[]];

export interface D1AsyncOps {
  /** Performs all statements, or none. */
  "d1.query"(binding: string, statements: readonly D1CrossingStatement[]): D1CrossingAnswer;
  /** The database as a file's bytes, or the message of an error. */
  "d1.dump"(binding: string): Uint8Array | string;
}
