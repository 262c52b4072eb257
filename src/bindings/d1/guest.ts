/** `D1Database` and what it gives, as a worker sees them (https://developers.cloudflare.com/d1/worker-api/). */
import { call } from "../../guest/host.ts";
import { ownedBytes } from "../../guest/owned-bytes.ts";
import { JSONParse, JSONStringify } from "../../guest/primordials.ts";
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../guest/webidl.ts";
import type { BindingDescriptor } from "../contracts.ts";
import type { D1CrossingAnswer, D1CrossingResult, D1CrossingStatement } from "./contract.ts";
import { bindable } from "./guest/parameters.ts";
import { objectOf, type Result, type Row, resultOf } from "./guest/results.ts";

const CONSTRUCTION = Symbol("construction");

const FIRST_PRIMARY = "first-primary";
const FIRST_UNCONSTRAINED = "first-unconstrained";

/** Where statements are performed. A session remembers the last bookmark. */
interface Target {
  readonly binding: string;
  sawBookmark(bookmark: string): void;
}

/** A D1 database bound to a worker. */
export class D1Database {
  #target: Target;

  constructor(token: symbol, binding: string) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    this.#target = { binding, sawBookmark: () => {} };
  }

  prepare(query: unknown): D1PreparedStatement {
    if (!(#target in this)) throw illegalInvocation();
    return new D1PreparedStatement(CONSTRUCTION, this.#target, query, []);
  }

  async batch(statements: unknown): Promise<Result[]> {
    if (!(#target in this)) throw illegalInvocation();
    return batch(this.#target, statements);
  }

  /** Each line is a statement, as Cloudflare has it. */
  async exec(query: unknown): Promise<{ count: number; duration: number }> {
    if (!(#target in this)) throw illegalInvocation();
    const lines = (query as string).trim().split("\n");
    const answer = await perform(
      this.#target,
      lines.map(line => [line, "[]"] as const),
    );
    if (typeof answer === "string") {
      // Only the first line is ever named, whichever it was: the lines are one request.
      const message = `Error in line 1: ${lines[0]}: ${answer}`;
      throw new Error(`D1_EXEC_ERROR: ${message}`, { cause: new Error(message) });
    }
    let duration = 0;
    for (const result of answer) duration += result[8];
    return { count: answer.length, duration };
  }

  withSession(constraintOrBookmark?: unknown): D1DatabaseSession {
    if (!(#target in this)) throw illegalInvocation();
    if (constraintOrBookmark === undefined || constraintOrBookmark === null) {
      return new D1DatabaseSession(CONSTRUCTION, this.#target.binding, FIRST_UNCONSTRAINED);
    }
    if (typeof constraintOrBookmark !== "string") {
      throw new TypeError("D1_SESSION_ERROR: the constraint or bookmark has to be a string");
    }
    const given = constraintOrBookmark.trim();
    return new D1DatabaseSession(
      CONSTRUCTION,
      this.#target.binding,
      given === "" ? FIRST_UNCONSTRAINED : given,
    );
  }

  /** The database as a SQLite file. Cloudflare only has it for databases of its alpha. */
  async dump(): Promise<ArrayBuffer> {
    if (!(#target in this)) throw illegalInvocation();
    const answer = await call("d1.dump", this.#target.binding);
    if (typeof answer === "string") {
      throw new Error(`D1_DUMP_ERROR: ${answer}`, { cause: new Error(answer) });
    }
    return ownedBytes(answer).buffer;
  }
}

/** A session: its queries see what the ones before them saw. Here there is one copy of the database, and all do. */
export class D1DatabaseSession {
  #target: Target;
  /** A bookmark, or the constraint that the session was made with. */
  #position: string;

  constructor(token: symbol, binding: string, position: string) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    this.#position = position;
    this.#target = {
      binding,
      sawBookmark: bookmark => {
        const known = this.getBookmark();
        if (known === null || known < bookmark) this.#position = bookmark;
      },
    };
  }

  prepare(query: unknown): D1PreparedStatement {
    if (!(#target in this)) throw illegalInvocation();
    return new D1PreparedStatement(CONSTRUCTION, this.#target, query, []);
  }

  async batch(statements: unknown): Promise<Result[]> {
    if (!(#target in this)) throw illegalInvocation();
    return batch(this.#target, statements);
  }

  /** The newest bookmark that was seen; null before the first query. */
  getBookmark(): string | null {
    if (!(#target in this)) throw illegalInvocation();
    const position = this.#position;
    return position === FIRST_PRIMARY || position === FIRST_UNCONSTRAINED ? null : position;
  }
}

/** A statement with its parameters. Binding makes a new one. */
export class D1PreparedStatement {
  #target: Target;
  readonly statement: unknown;
  readonly params: readonly unknown[];

  constructor(token: symbol, target: Target, statement: unknown, params: readonly unknown[]) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    this.#target = target;
    this.statement = statement;
    this.params = params;
  }

  bind(...values: unknown[]): D1PreparedStatement {
    if (!(#target in this)) throw illegalInvocation();
    return new D1PreparedStatement(CONSTRUCTION, this.#target, this.statement, values.map(bindable));
  }

  async first(colName?: unknown): Promise<unknown> {
    if (!(#target in this)) throw illegalInvocation();
    const result = await performOne(this.#target, this);
    const [row] = JSONParse(result[1]) as Row[];
    if (row === undefined) return null;
    const object = objectOf(result[0], row);
    if (colName === undefined) return object;
    const value = object[colName as string];
    if (value === undefined) {
      throw new Error(`D1_COLUMN_NOTFOUND: Column not found (${colName})`, {
        cause: new Error("Column not found"),
      });
    }
    return value;
  }

  async run(): Promise<Result> {
    if (!(#target in this)) throw illegalInvocation();
    return resultOf(await performOne(this.#target, this));
  }

  async all(): Promise<Result> {
    if (!(#target in this)) throw illegalInvocation();
    return resultOf(await performOne(this.#target, this));
  }

  async raw(options?: unknown): Promise<Row[]> {
    if (!(#target in this)) throw illegalInvocation();
    const [columns, rows] = await performOne(this.#target, this);
    const parsed = JSONParse(rows) as Row[];
    const named = (options as { columnNames?: unknown } | null | undefined)?.columnNames;
    return named ? [[...columns], ...parsed] : parsed;
  }
}

exposeInterface(D1Database, "D1Database");
exposeInterface(D1DatabaseSession, "D1DatabaseSession");
exposeInterface(D1PreparedStatement, "D1PreparedStatement");

/** The object on `env` for a binding. */
export function createD1Database(descriptor: BindingDescriptor): D1Database {
  return new D1Database(CONSTRUCTION, descriptor.name);
}

async function perform(
  target: Target,
  statements: readonly D1CrossingStatement[],
): Promise<string | readonly D1CrossingResult[]> {
  const answer: D1CrossingAnswer = await call("d1.query", target.binding, statements);
  if (typeof answer === "string") return answer;
  target.sawBookmark(answer[0]);
  return answer[1];
}

async function performAll(
  target: Target,
  statements: readonly D1CrossingStatement[],
): Promise<readonly D1CrossingResult[]> {
  const answer = await perform(target, statements);
  if (typeof answer === "string") throw new Error(`D1_ERROR: ${answer}`, { cause: new Error(answer) });
  return answer;
}

async function performOne(target: Target, statement: D1PreparedStatement): Promise<D1CrossingResult> {
  return (await performAll(target, [crossing(statement)]))[0] as D1CrossingResult;
}

async function batch(target: Target, statements: unknown): Promise<Result[]> {
  const crossings = (statements as D1PreparedStatement[]).map(statement => crossing(statement));
  return (await performAll(target, crossings)).map(resultOf);
}

/** What crosses of a statement; anything with these two properties is one, as on Cloudflare. */
function crossing({ statement, params }: D1PreparedStatement): D1CrossingStatement {
  if (typeof statement !== "string" && !(statement instanceof String)) {
    const message = `Expected the SQL of a statement to be a string, not ${typeof statement}`;
    throw new Error(`D1_ERROR: ${message}`, { cause: new Error(message) });
  }
  return [String(statement), JSONStringify(params ?? [])];
}
