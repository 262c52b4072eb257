/** `worker run --request`: one request to the worker, without a port. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { STATUS_CODES } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Answer } from "../engine/ops.ts";
import { EXIT, UserError } from "../errors.ts";
import type { WireBody, WireHeaders } from "../web/fetch/contract.ts";
import { withWorker } from "./one-shot.ts";
import type { ProjectInput } from "./project.ts";
import type { Surroundings } from "./surroundings.ts";

export interface OneRequest {
  /** A path, or a whole URL. */
  readonly target: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Text, `@FILE`, or `@-` for stdin. */
  readonly data: string | undefined;
  /** Whether the response's head is written as well. */
  readonly include: boolean;
  /** Whether a status of 400 or more fails the command. */
  readonly fail: boolean;
}

const ORIGIN = "http://localhost:8787";

/** Performs the request, and writes the response to stdout. Returns the exit code. */
export async function performRequest(
  surroundings: Surroundings,
  input: ProjectInput,
  request: OneRequest,
): Promise<number> {
  const url = URL.parse(request.target, ORIGIN);
  if (request.target === "" || url === null || !/^https?:$/.test(url.protocol)) {
    throw new UserError(
      "USAGE",
      `"${request.target}" is neither a path nor an HTTP URL.`,
      "For example: --request /api/users",
    );
  }
  const body = await requestBody(request.data, surroundings);
  const headers = requestHeaders(url, request, body);
  return withWorker(surroundings, input, async worker => {
    let answer: Answer;
    try {
      answer = await worker.dispatch("fetch", context => [
        request.method,
        url.href,
        headers,
        body.content instanceof Readable ? context.streams.give(body.content) : body.content,
        null,
        null,
      ]);
    } catch (error) {
      return worker.fail(error);
    }
    try {
      return await writeResponse(answer, request, surroundings);
    } catch (error) {
      return worker.fail(
        new UserError(
          "WORKER_EXCEPTION",
          `The response's body broke off: ${(error as Error).message}`,
          "The stream that the worker returned failed.",
        ),
      );
    } finally {
      answer.release();
    }
  });
}

interface RequestBody {
  readonly content: string | Readable | null;
  /** Undefined where only its end will tell. */
  readonly length?: number;
}

async function requestBody(data: string | undefined, surroundings: Surroundings): Promise<RequestBody> {
  if (data === undefined) return { content: null };
  if (data === "@-") return { content: surroundings.stdin as Readable };
  if (!data.startsWith("@")) return { content: data, length: Buffer.byteLength(data) };
  const path = data.slice(1);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return { content: createReadStream(path), length: found.size };
  throw new UserError(
    "FILE_UNREADABLE",
    `Cannot read the request's body: there is no file "${path}".`,
    "-d @FILE names a file; -d TEXT is the body itself.",
  );
}

/** The headers that were given, and those that an HTTP client would add. */
function requestHeaders(url: URL, request: OneRequest, body: RequestBody): WireHeaders {
  const headers: WireHeaders = [];
  const given = new Set(request.headers.map(([name]) => name.toLowerCase()));
  const add = (name: string, value: string) => {
    if (!given.has(name.toLowerCase())) headers.push(name, value);
  };
  add("Host", url.host);
  if (body.content !== null) {
    add("Content-Type", "application/x-www-form-urlencoded");
    if (body.length === undefined) add("Transfer-Encoding", "chunked");
    else add("Content-Length", String(body.length));
  }
  for (const [name, value] of request.headers) headers.push(name, value);
  return headers;
}

async function writeResponse(
  answer: Answer,
  request: OneRequest,
  { stdout, stderr }: Surroundings,
): Promise<number> {
  const [status, statusText, headers, body] = answer.result as [number, string, WireHeaders, WireBody];
  if (request.include) stdout.write(formatHead(status, statusText, headers));
  if (typeof body === "number") await pipeline(answer.context.streams.take(body), stdout, { end: false });
  else if (body !== null && request.method !== "HEAD") stdout.write(body);
  if (!request.fail || status < 400) return EXIT.success;
  stderr.write(`The worker answered with the status ${status}.\n`);
  return EXIT.failed;
}

function formatHead(status: number, statusText: string, headers: WireHeaders): string {
  const lines = [`HTTP/1.1 ${status} ${statusText || (STATUS_CODES[status] ?? "")}`.trimEnd()];
  for (let index = 0; index < headers.length; index += 2)
    lines.push(`${headers[index]}: ${headers[index + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}
