/** The D1 store of the state folder: one plain SQLite database, in a process of its own while it is used. */
import { createHash } from "node:crypto";
import { UserError } from "../../errors.ts";
import { SqlEnded } from "../../storage/sql/child.ts";
import { SqlFailed, SqlProcess } from "../../storage/sql/process.ts";
import { type SqlResult, TOO_OLD } from "../../storage/sql/protocol.ts";
import { explain } from "../../storage/sqlite.ts";
import type { D1Limits } from "./limits.ts";
import {
  type D1Answer,
  type D1ExportOptions,
  D1QueryError,
  type D1Statement,
  type D1Store,
} from "./store.ts";

/** As long as any transaction of ours takes, and longer. */
const BUSY_MILLISECONDS = 5000;
const IDLE_MILLISECONDS = 60_000;

/** https://developers.cloudflare.com/d1/observability/debug-d1/#error-list */
const ENDED: Readonly<Record<SqlEnded["reason"], string>> = {
  timeout: "D1 DB storage operation exceeded timeout which caused object to be reset.",
  memory: "D1 DB's isolate exceeded its memory limit and was reset.",
  lost: "Network connection lost.",
};

/** Codes of a file that is damaged or cannot be used. */
const FILE_TROUBLE = /^SQLITE_(?:NOTADB|CORRUPT|CANTOPEN|READONLY|PERM|FULL|IOERR)$|^E[A-Z]+$/;

export class SqliteD1Store implements D1Store {
  readonly #file: string;
  readonly #process: SqlProcess;
  readonly #bookmarks: Bookmarks;

  /** `file`: a path, or ":memory:". A database in memory is lost when a query in it has to be ended. */
  constructor(file: string, { queryMilliseconds, ...limits }: D1Limits) {
    this.#file = file;
    this.#bookmarks = new Bookmarks(file);
    this.#process = new SqlProcess({
      file,
      limits,
      busyMilliseconds: BUSY_MILLISECONDS,
      timeoutMilliseconds: queryMilliseconds,
      idleMilliseconds: file === ":memory:" ? null : IDLE_MILLISECONDS,
    });
  }

  query(statements: readonly D1Statement[]): Promise<D1Answer> {
    const queries = statements.map(({ sql, parameters }) => [sql, parameters] as const);
    return this.#answer(this.#process.query(queries));
  }

  script(sql: string): Promise<D1Answer> {
    return this.#answer(this.#process.script(sql));
  }

  export(options: D1ExportOptions, write: (text: Uint8Array) => void | Promise<void>): Promise<void> {
    return this.#explained(this.#process.export(options, write));
  }

  dump(): Promise<Uint8Array> {
    return this.#explained(this.#process.dump());
  }

  close(): Promise<void> {
    return this.#process.close();
  }

  async #answer(work: Promise<readonly SqlResult[]>): Promise<D1Answer> {
    const results = await this.#explained(work);
    return { results, bookmark: this.#bookmarks.after(results.some(({ changed }) => changed)) };
  }

  async #explained<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof SqlEnded) throw new D1QueryError(ENDED[error.reason], undefined, { cause: error });
      if (!(error instanceof SqlFailed)) throw error;
      const { message, code, statement } = error.failure;
      if (code !== null && FILE_TROUBLE.test(code)) {
        throw explain(this.#file, Object.assign(new Error(message.replace(/: SQLITE_\w+$/, "")), { code }));
      }
      if (code === TOO_OLD) {
        throw new UserError(
          "STATE_UNAVAILABLE",
          `D1 databases need Node.js 24.10 or newer; ${message}.`,
          "Install a newer one, or add it to the project: npm install --save-dev node@26",
        );
      }
      if (code === "INTERNAL") throw new Error(`${this.#file}: ${message}`);
      throw new D1QueryError(message, statement);
    }
  }
}

/** Bookmarks in D1's form: the time of the start, the writes since, and a mark of the database. */
class Bookmarks {
  readonly #start = hex(Math.floor(Date.now() / 1000));
  readonly #mark: string;
  #writes = 0;

  constructor(file: string) {
    this.#mark = createHash("sha256").update(file).digest("hex").slice(0, 32);
  }

  after(wrote: boolean): string {
    if (wrote) this.#writes++;
    return `${this.#start}-${hex(this.#writes)}-00000000-${this.#mark}`;
  }
}

const hex = (number: number) => number.toString(16).padStart(8, "0");
