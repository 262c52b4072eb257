/**
 * A database in a process of its own. What runs in SQLite cannot be interrupted from JavaScript, and a thread that is
 * in it cannot be ended: a process can. So a query that does not end costs nobody else anything, and its database goes
 * on in a new process. A round trip takes some 10 µs more than one to a thread would.
 */
import { type Answer, Child, SqlEnded } from "./child.ts";
import {
  frame,
  type SqlFailure,
  type SqlOutcome,
  type SqlRequest,
  type SqlResult,
  type SqlSettings,
} from "./protocol.ts";

export interface SqlProcessOptions extends SqlSettings {
  /** How long a request may take. */
  readonly timeoutMilliseconds: number;
  /** After this time without a request the process ends; the next request starts another. Null: never. */
  readonly idleMilliseconds: number | null;
}

/** A request that SQLite, or the guard before it, has refused. */
export class SqlFailed extends Error {
  readonly failure: SqlFailure;

  constructor(failure: SqlFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Takes a part of a text. No more is read from the process until it has. */
type TextHandler = (text: Buffer) => void | Promise<void>;

interface Pending {
  readonly bytes: Buffer;
  readonly onText: TextHandler | undefined;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

export class SqlProcess {
  readonly #options: SqlProcessOptions;
  /** Those that wait, in order; the first is the one that is being performed. */
  #pending: Pending[] = [];
  #child: Child | undefined;
  /** Two timers for all requests: to start them anew costs far less than to make them. */
  readonly #overdue: NodeJS.Timeout;
  readonly #idle: NodeJS.Timeout | undefined;
  #outgoing: Buffer[] = [];
  #drained: (() => void) | undefined;
  readonly #ending = new Set<Promise<void>>();

  constructor(options: SqlProcessOptions) {
    this.#options = options;
    const { timeoutMilliseconds, idleMilliseconds } = options;
    this.#overdue = setTimeout(() => this.#endOverdue(), timeoutMilliseconds).unref();
    if (idleMilliseconds !== null) this.#idle = setTimeout(() => this.#endIdle(), idleMilliseconds).unref();
  }

  async query(queries: Extract<SqlRequest, { kind: "query" }>["queries"]): Promise<SqlResult[]> {
    return resultsOf(await this.#request({ kind: "query", queries }));
  }

  async script(sql: string): Promise<SqlResult[]> {
    return resultsOf(await this.#request({ kind: "script", sql }));
  }

  async dump(): Promise<Buffer> {
    return (await this.#request({ kind: "dump" })).body;
  }

  /** Calls back with parts of the text, in order. Rejects with what one of these calls fails with. */
  async export(
    options: Extract<SqlRequest, { kind: "export" }>["options"],
    onText: TextHandler,
  ): Promise<void> {
    let written = Promise.resolve();
    const inTurn = (text: Buffer) => {
      written = written.then(() => onText(text));
      return written;
    };
    const { body } = await this.#request({ kind: "export", options }, inTurn);
    await inTurn(body);
  }

  /** Ends the process when what it was asked for is done. */
  async close(): Promise<void> {
    if (this.#pending.length > 0) {
      await new Promise<void>(resolve => {
        this.#drained = resolve;
      });
    }
    clearTimeout(this.#overdue);
    clearTimeout(this.#idle);
    this.#retire();
    await Promise.all(this.#ending);
  }

  #request(request: SqlRequest, onText?: TextHandler): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ bytes: frame(request), onText, resolve, reject });
      if (this.#pending.length === 1) this.#begin();
      this.#send(this.#pending.at(-1) as Pending);
    });
  }

  /** The first of those that wait begins now. */
  #begin(): void {
    this.#overdue.refresh();
    this.#child?.ref();
  }

  /** What is asked for in one turn of the event loop is written at once. */
  #send({ bytes }: Pending): void {
    this.#child ??= this.#start();
    this.#outgoing.push(bytes);
    if (this.#outgoing.length === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    if (outgoing.length > 0)
      this.#child?.write(outgoing.length === 1 ? (outgoing[0] as Buffer) : Buffer.concat(outgoing));
  }

  #start(): Child {
    const { file, limits, busyMilliseconds } = this.#options;
    const child = new Child(frame({ file, limits, busyMilliseconds } satisfies SqlSettings), {
      onAnswer: answer => {
        if (child === this.#child) this.#receive(answer);
      },
      onExit: error => {
        if (child === this.#child) this.#lost(error);
      },
    });
    return child;
  }

  #receive(answer: Answer): void {
    const [first] = this.#pending;
    if (first === undefined) return;
    if (answer.header.more) {
      if (answer.header.kind === "text") this.#child?.pauseFor(first.onText?.(answer.body));
      this.#overdue.refresh();
      return;
    }
    this.#pending.shift();
    if (answer.header.kind === "failed") first.reject(new SqlFailed(answer.header.failure));
    else first.resolve(answer);
    this.#next();
  }

  #next(): void {
    if (this.#pending.length > 0) {
      this.#overdue.refresh();
      return;
    }
    this.#drained?.();
    this.#child?.unref();
    this.#idle?.refresh();
  }

  #endIdle(): void {
    if (this.#pending.length === 0) this.#retire();
  }

  #endOverdue(): void {
    if (this.#pending.length === 0) return;
    // To start on a busy machine is not the query's time.
    if (this.#child?.isStarting) {
      this.#overdue.refresh();
      return;
    }
    const { timeoutMilliseconds } = this.#options;
    this.#child?.kill();
    this.#fail(new SqlEnded("timeout", `The database did not answer within ${timeoutMilliseconds} ms.`));
  }

  #lost(error: SqlEnded): void {
    this.#fail(error);
  }

  /** The request that was being performed fails; those behind it have not begun, and do so in another process. */
  #fail(error: SqlEnded): void {
    const child = this.#child;
    this.#child = undefined;
    this.#outgoing = [];
    if (child !== undefined) this.#keepUntilEnded(child);
    this.#pending.shift()?.reject(error);
    const waiting = this.#pending;
    if (waiting.length === 0) {
      this.#next();
      return;
    }
    this.#begin();
    for (const request of waiting) this.#send(request);
  }

  #retire(): void {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    child.end();
    this.#keepUntilEnded(child);
  }

  #keepUntilEnded(child: Child): void {
    const ended = child.ended.then(() => {
      this.#ending.delete(ended);
    });
    this.#ending.add(ended);
  }
}

function resultsOf({ header, body }: Answer): SqlResult[] {
  if (header.kind !== "results") throw new TypeError(`There was no answer of the kind "results".`);
  let at = 0;
  return header.outcomes.map((outcome: SqlOutcome, index) => {
    const end = at + (header.lengths[index] ?? 0);
    const rows = body.toString("utf8", at, end);
    at = end;
    return { ...outcome, rows };
  });
}
