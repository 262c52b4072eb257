/** A compiled statement: what it takes, what it gives, and how it runs. */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Authorization } from "./authorizer.ts";
import { parametersOf } from "./lexer.ts";
import { NO_PROGRAM, type Program, readProgram } from "./program.ts";
import type { Profile } from "./row-counts.ts";

export type Values = readonly (string | number | null | Uint8Array)[];

/** The rows of a run, as JSON, with what the account needs of them. */
export interface Rows {
  readonly text: string;
  readonly count: number;
  /** The first value of the first row. */
  readonly first: unknown;
}

/** Counters that Node.js has from 26 on. */
type Counting = StatementSync & {
  stat?(counter: "fullscanStep" | "vmStep"): number;
  resetStats?(): void;
};

type Cell = string | number | bigint | null | Uint8Array;

export class Statement {
  readonly readOnly: boolean;
  readonly isPragma: boolean;
  readonly alters: boolean;
  readonly parameters: readonly (string | null)[];
  /** The length of its text, its semicolon included. */
  readonly length: number;
  #columns: readonly string[];
  readonly #database: DatabaseSync;
  readonly #statement: Counting;
  readonly source: string;
  readonly #named: boolean;
  #bigints: boolean;
  #program: Program | undefined;

  constructor(database: DatabaseSync, sql: string, seen: Authorization) {
    this.#database = database;
    this.#statement = database.prepare(sql);
    this.#statement.setReturnArrays(true);
    this.source = this.#statement.sourceSQL;
    this.length = this.source.length;
    // What SQLite asked nothing about, such as VACUUM, is more than that.
    this.readOnly = seen.readOnly && seen.asked > 0;
    this.isPragma = seen.pragma;
    this.alters = seen.alters;
    this.parameters = parametersOf(this.source);
    this.#named = this.parameters.some(name => name !== null);
    this.#columns = columnsOf(this.#statement);
    // A statement that writes cannot be run again for an integer that did not fit.
    this.#bigints = !this.readOnly && this.#columns.length > 0;
    this.#statement.setReadBigInts(this.#bigints);
  }

  get columns(): readonly string[] {
    return this.#columns;
  }

  isWholeOf(sql: string): boolean {
    return this.length === sql.length || sql.slice(this.length).trim() === "";
  }

  /** Reads its program. Before it runs: what it does may be what makes it impossible to compile again. */
  explain(): void {
    if (this.#program !== undefined) return;
    try {
      this.#program = readProgram(this.#database, this.source);
    } catch {
      // As long as a statement may be, with EXPLAIN before it.
      this.#program = NO_PROGRAM;
    }
  }

  run(values: Values): Rows {
    this.#statement.resetStats?.();
    let rows: Cell[][];
    try {
      rows = this.#all(values);
    } catch (error) {
      if (this.#bigints || (error as { code?: unknown }).code !== "ERR_OUT_OF_RANGE") throw error;
      this.#bigints = true;
      this.#statement.setReadBigInts(true);
      rows = this.#all(values);
    }
    for (const row of rows) {
      for (let index = 0; index < row.length; index++) {
        const cell = row[index];
        if (typeof cell === "bigint") row[index] = Number(cell);
        else if (typeof cell === "object" && cell !== null) row[index] = Array.from(cell) as unknown as Cell;
      }
    }
    return { text: JSON.stringify(rows), count: rows.length, first: rows[0]?.[0] };
  }

  #all(values: Values): Cell[][] {
    if (!this.#named) return this.#statement.all(...(values as SQLInputValue[])) as unknown as Cell[][];
    const named: Record<string, SQLInputValue> = {};
    const positional: SQLInputValue[] = [];
    for (const [index, name] of this.parameters.entries()) {
      const value = values[index] as SQLInputValue;
      if (name === null) positional.push(value);
      else named[name] = value;
    }
    return this.#statement.all(named, ...positional) as unknown as Cell[][];
  }

  /** Reads what a change of the schema may have changed. */
  refresh(): void {
    this.#columns = columnsOf(this.#statement);
    this.#program = undefined;
  }

  /** The program of the statement, with the counters of its last run. */
  profile(): Profile {
    return {
      program: this.#program ?? NO_PROGRAM,
      fullscanSteps: this.#statement.stat?.("fullscanStep"),
      steps: this.#statement.stat?.("vmStep"),
    };
  }
}

function columnsOf(statement: StatementSync): string[] {
  return statement.columns().map(({ name }) => name);
}
