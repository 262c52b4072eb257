/**
 * What passes between this process and one that runs SQL: frames, each a length (32 bits, little-endian), the length of
 * a JSON text, that text, and texts that belong to it. Rows stay JSON all the way to whoever wants their values.
 */

/** Limits that SQLite itself holds to (https://www.sqlite.org/limits.html); null leaves one at SQLite's own. */
export interface SqlLimits {
  readonly statementBytes: number | null;
  readonly valueBytes: number | null;
  readonly columns: number | null;
  readonly parameters: number | null;
  readonly functionArguments: number | null;
  readonly likePatternBytes: number | null;
  readonly compoundTerms: number | null;
  readonly expressionDepth: number | null;
  readonly triggerDepth: number | null;
}

/** How a database is opened. */
export interface SqlSettings {
  /** A path, or ":memory:". */
  readonly file: string;
  readonly limits: SqlLimits;
  /** How long a statement waits for another process's transaction. */
  readonly busyMilliseconds: number;
}

/** One text of SQL, of one statement or several, and the parameters of its last one: a JSON array. */
export type SqlQuery = readonly [sql: string, parameters: string];

export interface ExportOptions {
  /** All unless given. */
  readonly tables: readonly string[];
  readonly schema: boolean;
  readonly data: boolean;
}

export type SqlRequest =
  /** Performs all queries, or none. */
  | { readonly kind: "query"; readonly queries: readonly SqlQuery[] }
  /** Performs all statements of a text, of any length, or none. */
  | { readonly kind: "script"; readonly sql: string }
  | { readonly kind: "export"; readonly options: ExportOptions }
  /** The whole database as SQLite would write it into a file. */
  | { readonly kind: "dump" };

/** What a query did. */
export interface SqlOutcome {
  readonly columns: readonly string[];
  /** Rows changed, those that triggers changed included. */
  readonly changes: number;
  readonly lastRowId: number;
  readonly changed: boolean;
  /** The size of the database afterwards, in bytes. */
  readonly size: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly milliseconds: number;
}

/** An outcome with its rows: a JSON array of arrays of values, in the order of the columns. */
export interface SqlResult extends SqlOutcome {
  readonly rows: string;
}

/** The code of a failure: this Node.js lacks what the guard needs. */
export const TOO_OLD = "NODE_TOO_OLD";

export interface SqlFailure {
  readonly message: string;
  /** SQLite's name for it, such as SQLITE_CORRUPT; null where it is not SQLite's. */
  readonly code: string | null;
  /** For a script: which of its statements, from 0. */
  readonly statement?: number;
}

/** The JSON text of an answer. With `more`, further frames belong to the same answer. */
export type SqlAnswer =
  /** The first: the process has started. */
  | { readonly kind: "ready"; readonly more: true }
  | {
      readonly kind: "results";
      readonly outcomes: readonly SqlOutcome[];
      /** The length of each outcome's rows, in bytes. */
      readonly lengths: readonly number[];
      readonly more: false;
    }
  | { readonly kind: "text"; readonly more: boolean }
  | { readonly kind: "failed"; readonly failure: SqlFailure; readonly more: false };

const PREFIX = 8;

/** A frame, in one buffer. */
export function frame(header: unknown, texts: readonly (string | Uint8Array)[] = []): Buffer {
  const json = JSON.stringify(header);
  const headerBytes = Buffer.byteLength(json);
  let size = PREFIX + headerBytes;
  for (const text of texts) size += typeof text === "string" ? Buffer.byteLength(text) : text.byteLength;
  const buffer = Buffer.allocUnsafe(size);
  buffer.writeUInt32LE(size, 0);
  buffer.writeUInt32LE(headerBytes, 4);
  let at = PREFIX + buffer.write(json, PREFIX);
  for (const text of texts) {
    if (typeof text === "string") at += buffer.write(text, at);
    else {
      buffer.set(text, at);
      at += text.byteLength;
    }
  }
  return buffer;
}

/** Takes frames out of the chunks of a stream. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #size = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** The next frame, when all of it is there. */
  next(): { readonly header: unknown; readonly body: Buffer } | undefined {
    if (this.#size < PREFIX) return undefined;
    let buffer = this.#chunks[0] as Buffer;
    if (buffer.length < PREFIX) buffer = this.#joined();
    const size = buffer.readUInt32LE(0);
    if (this.#size < size) return undefined;
    if (buffer.length < size) buffer = this.#joined();
    this.#size -= size;
    if (buffer.length === size) this.#chunks.shift();
    else this.#chunks[0] = buffer.subarray(size);
    const end = PREFIX + buffer.readUInt32LE(4);
    return {
      header: JSON.parse(buffer.toString("utf8", PREFIX, end)) as unknown,
      body: buffer.subarray(end, size),
    };
  }

  #joined(): Buffer {
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }
}
