/** SQLite's errors in the words that D1 has for them: the message, where in the text, and the name of the code. */
import { isForeignFunction } from "./authorizer.ts";
import { type Token, tokensOf, unquoted } from "./lexer.ts";
import type { SqlFailure } from "./protocol.ts";

/** https://www.sqlite.org/rescode.html: the primary codes by number. */
const CODES = (
  "OK ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL EMPTY " +
  "SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB NOTICE WARNING"
).split(" ");

/** The extended codes that D1 names: of SQLITE_CONSTRAINT, by their higher bits. */
const CONSTRAINTS =
  "CHECK COMMITHOOK FOREIGNKEY FUNCTION NOTNULL PRIMARYKEY TRIGGER UNIQUE VTAB ROWID PINNED DATATYPE".split(
    " ",
  );
const CONSTRAINT = 19;

/** A message for a worker that is not SQLite's. */
export class SqlError extends Error {}

/** Begins or ends a transaction in SQL. The words are workerd's. */
export const TRANSACTION_REFUSED =
  "To execute a transaction, please use the state.storage.transaction() or state.storage.transactionSync() APIs instead of " +
  "the SQL BEGIN TRANSACTION or SAVEPOINT statements. The JavaScript API is safer because it will automatically roll back on " +
  "exceptions, and because it interacts correctly with Durable Objects' automatic atomic write coalescing.";

/** The failure that an exception is. `sql` is the text that was being compiled, unless it was compiled already. */
export function failureOf(error: unknown, sql: string | undefined, compiles: Compiles): SqlFailure {
  if (!(error instanceof Error)) return { message: String(error), code: null };
  const { errcode } = error as { errcode?: unknown };
  if (typeof errcode !== "number") {
    return { message: error.message, code: error instanceof SqlError ? null : "INTERNAL" };
  }
  const code = `SQLITE_${CODES[errcode & 0xff] ?? "ERROR"}`;
  const message = translated(error.message);
  if (message.startsWith("no such table: dbstat")) return { message: `${message}: SQLITE_ERROR`, code };
  const offset = sql === undefined ? undefined : offsetOf(message, sql, compiles);
  const place = offset === undefined ? "" : ` at offset ${offset}`;
  const extended = (errcode & 0xff) === CONSTRAINT ? CONSTRAINTS[(errcode >> 8) - 1] : undefined;
  const detail = extended === undefined ? "" : ` (extended: ${code}_${extended})`;
  return { message: `${message}${place}: ${code}${detail}`, code };
}

/** What SQLite says of a text when it compiles it: its message, or undefined when nothing is wrong. */
export type Compiles = (sql: string) => string | undefined;

function translated(message: string): string {
  const denied = /^not authorized to use function: (.*)$/s.exec(message)?.[1];
  if (denied !== undefined && isForeignFunction(denied)) return `no such function: ${denied}`;
  // The newer SQLite says it in other words.
  if (message === "too many levels of trigger recursion") return "triggers nested too deep";
  if (/^access to dbstat\..* is prohibited$/s.test(message)) return "no such table: dbstat";
  return /^access to .* is prohibited$/s.test(message) ? "not authorized" : message;
}

/**
 * The byte at which SQLite would place its error (sqlite3_error_offset, which Node.js does not hand on): that of the
 * token that the message names. Of a syntax error it is the first one up to which the text cannot be completed.
 */
function offsetOf(message: string, sql: string, compiles: Compiles): number | undefined {
  const at = placeOf(message, [...tokensOf(sql)], sql, compiles);
  return at === undefined ? undefined : Buffer.byteLength(sql.slice(0, at));
}

function placeOf(
  message: string,
  tokens: readonly Token[],
  sql: string,
  compiles: Compiles,
): number | undefined {
  const syntax = /^near "(.*)": syntax error$/s.exec(message)?.[1];
  if (syntax !== undefined) {
    const found = tokens.find(
      ({ text, start }) => text === syntax && compiles(sql.slice(0, start + text.length)) === message,
    );
    return found?.start;
  }
  const unrecognized = /^unrecognized token: "(.*)"$/s.exec(message)?.[1];
  if (unrecognized !== undefined) {
    const found = tokens.find(({ start }) => sql.startsWith(unrecognized, start));
    return found?.start;
  }
  const column = /^(?:no such column|ambiguous column name): (.*)$/s.exec(message)?.[1];
  if (column !== undefined) return columnPlace(tokens, column.split("."));
  const called =
    /^no such function: (.*)$/s.exec(message)?.[1] ??
    /^(?:wrong number of arguments to|misuse of window|not authorized to use) function:? (.*?)(?:\(\))?$/s.exec(
      message,
    )?.[1] ??
    /^too many arguments on function (.*)$/s.exec(message)?.[1] ??
    /^misuse of aggregate: (.*)\(\)$/s.exec(message)?.[1];
  if (called !== undefined) return callPlace(message, tokens, called);
  const table = /^(?:table|view|index|trigger) (.*) already exists$/s.exec(message)?.[1];
  if (table !== undefined && !/^(?:index|trigger)/.test(message)) {
    return tokens.find(token => sameName(token, unquotedText(table)))?.start;
  }
  if (/^too many SQL variables$|^variable number must be between/.test(message)) {
    return tokens.find(
      ({ kind, start, text }) =>
        kind === "parameter" && compiles(sql.slice(0, start + text.length)) === message,
    )?.start;
  }
  return undefined;
}

const unquotedText = (text: string) => text.replace(/^(["`[])(.*)["`\]]$/s, "$2");

const sameName = (token: Token | undefined, name: string) =>
  token !== undefined && unquoted(token).toLowerCase() === name.toLowerCase();

/** The first use of a column that is not the target of an assignment, of which SQLite keeps no place. */
function columnPlace(tokens: readonly Token[], path: readonly string[]): number | undefined {
  for (const [index, token] of tokens.entries()) {
    const matches = path.every((name, part) => {
      const here = tokens[index + part * 2];
      return sameName(here, name) && (part === 0 || tokens[index + part * 2 - 1]?.text === ".");
    });
    if (!matches || token.kind === "string") continue;
    const before = tokens[index - 1]?.text.toLowerCase();
    const after = tokens[index + path.length * 2 - 1]?.text;
    if (path.length === 1 && (before === "." || before === "as" || after === "(" || after === ".")) continue;
    if (before === "set" && after === "=") return undefined;
    return token.start;
  }
  return undefined;
}

/** The call that is meant: of an aggregate the last one, which is the one outside of the list of results. */
function callPlace(message: string, tokens: readonly Token[], name: string): number | undefined {
  const calls = tokens.filter((token, index) => {
    if (name === "->" || name === "->>") return token.text === name;
    return sameName(token, name) && (tokens[index + 1]?.text === "(" || message.startsWith("not authorized"));
  });
  const call = message.startsWith("misuse of aggregate") ? calls.at(-1) : calls[0];
  // An operator, such as REGEXP, is a function too.
  return (call ?? tokens.find(token => sameName(token, name)))?.start;
}
