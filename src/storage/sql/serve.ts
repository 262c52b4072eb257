/** A process that runs SQL for another one: reads a request, performs it, answers, and so on until its input ends. */
import { readSync, writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { SqlConnection } from "./connection.ts";
import { exportSql } from "./export.ts";
import {
  FrameReader,
  frame,
  type SqlAnswer,
  type SqlRequest,
  type SqlResult,
  type SqlSettings,
} from "./protocol.ts";
import { sleep } from "./sleep.ts";

const INPUT = 0;
const OUTPUT = 1;
/** Stays open, with nothing written to it, for as long as the other process lives. */
const LIFELINE = 3;

const CHUNK_BYTES = 64 * 1024;

/** Serves one database, whose settings are the first frame. Everything blocks: there is nothing else to do here. */
export function serveDatabase(): void {
  const frames = framesOf(INPUT);
  const settings = frames.next().value as SqlSettings;
  dieWithParent();
  answer({ kind: "ready", more: true });
  let connection: SqlConnection | undefined;
  for (const request of frames as Iterable<SqlRequest>) {
    try {
      connection ??= new SqlConnection(settings);
    } catch (error) {
      answerOpeningFailure(error);
      continue;
    }
    perform(connection, request);
  }
  connection?.close();
}

function perform(connection: SqlConnection, request: SqlRequest): void {
  let statement: number | undefined;
  try {
    switch (request.kind) {
      case "query":
        answerResults(connection.query(request.queries));
        break;
      case "script":
        answerResults(
          connection.script(request.sql, index => {
            statement = index;
          }),
        );
        break;
      case "export":
        connection.snapshot(database => answerLines(exportSql(database, request.options)));
        break;
      case "dump":
        answer({ kind: "text", more: false }, [connection.dump()]);
        break;
    }
  } catch (error) {
    const failure = connection.explain(error);
    answer({
      kind: "failed",
      failure: statement === undefined ? failure : { ...failure, statement },
      more: false,
    });
  }
}

function answerOpeningFailure(error: unknown): void {
  const { errcode } = error as { errcode?: number };
  const message = error instanceof Error ? error.message : String(error);
  const code = OPENING_CODES[(errcode ?? 0) & 0xff] ?? (error as { code?: string }).code ?? "INTERNAL";
  answer({ kind: "failed", failure: { message, code }, more: false });
}

/** What opening a database fails with. */
const OPENING_CODES: Readonly<Record<number, string>> = {
  5: "SQLITE_BUSY",
  8: "SQLITE_READONLY",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  26: "SQLITE_NOTADB",
};

function answerResults(results: readonly SqlResult[]): void {
  const outcomes = results.map(({ rows: _, ...outcome }) => outcome);
  const texts = results.map(({ rows }) => rows);
  answer(
    { kind: "results", outcomes, lengths: texts.map(text => Buffer.byteLength(text)), more: false },
    texts,
  );
}

function answerLines(lines: Iterable<string>): void {
  let chunk = "";
  for (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < CHUNK_BYTES) continue;
    answer({ kind: "text", more: true }, [chunk]);
    chunk = "";
  }
  answer({ kind: "text", more: false }, [chunk]);
}

function answer(header: SqlAnswer, texts: readonly (string | Uint8Array)[] = []): void {
  const bytes = frame(header, texts);
  for (let at = 0; at < bytes.length; ) at += retried(() => writeSync(OUTPUT, bytes, at));
}

function* framesOf(input: number): Generator<unknown, void> {
  const reader = new FrameReader();
  for (;;) {
    for (let next = reader.next(); next !== undefined; next = reader.next()) yield next.header;
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = retried(() => readSync(input, chunk, 0, chunk.length, null));
    if (length === 0) return;
    reader.add(chunk.subarray(0, length));
  }
}

/** A pipe that does not block is asked again; one whose other end is gone has ended. */
function retried(work: () => number): number {
  for (;;) {
    try {
      return work();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF" || code === "EPIPE") return 0;
      if (code !== "EAGAIN") throw error;
      sleep(1);
    }
  }
}

/** A query may never come back to look at its input: a thread does, and ends the process when its parent is gone. */
function dieWithParent(): void {
  const source = `
    const { readSync } = process.getBuiltinModule("node:fs");
    try { readSync(${LIFELINE}, Buffer.alloc(1)); } catch {}
    process.kill(process.pid, "SIGKILL");
  `;
  const thread = new Worker(source, {
    eval: true,
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  });
  thread.unref();
}
