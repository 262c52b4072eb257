/** Many writes in one transaction: those that are asked for in one turn of the event loop share a commit. */
import { UserError } from "../errors.ts";
import type { Database } from "./sqlite.ts";

interface Write {
  work(): unknown;
  resolve(result: never): void;
  reject(error: unknown): void;
}

/** Writes of one database, in the order in which they were asked for. */
export class GroupCommit {
  readonly #database: Database;
  #waiting: Write[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Performs `work` in a transaction. Resolves when it is committed, and not before. `work` may run again when
   * another write of its group failed and took it back.
   */
  write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve, reject });
      if (this.#waiting.length === 1) queueMicrotask(() => this.flush());
    });
  }

  /** Commits what waits. A read that comes after a write calls this to see it. */
  flush(): void {
    const group = this.#waiting;
    if (group.length === 0) return;
    this.#waiting = [];
    try {
      const results = this.#database.transaction(() => group.map(write => write.work()));
      for (const [index, write] of group.entries()) write.resolve(results[index] as never);
    } catch (error) {
      // What is wrong with the database is wrong for all of them; what one write did is not the others' fault.
      const common = group.length === 1 || error instanceof UserError;
      for (const write of group) {
        if (common) write.reject(error);
        else this.#commitAlone(write);
      }
    }
  }

  #commitAlone(write: Write): void {
    try {
      write.resolve(this.#database.transaction(write.work) as never);
    } catch (error) {
      write.reject(error);
    }
  }
}
