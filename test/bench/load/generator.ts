/**
 * `node generator.ts PORT CONNECTIONS SECONDS`: keep-alive connections, one request at a time on each, over bare sockets.
 * It finds the end of each response and its status, and looks at nothing else, so that the server is the bottleneck.
 */
import { connect } from "node:net";

export interface LoadReport {
  readonly responses: number;
  readonly failures: number;
  readonly seconds: number;
}

const [port = 0, connections = 1, seconds = 1] = process.argv.slice(2).map(Number);
const REQUEST = Buffer.from(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
const EMPTY = Buffer.alloc(0);

let responses = 0;
let failures = 0;
let over = false;

/** The length of the first response in `bytes`; undefined while it is incomplete. */
function responseLength(bytes: Buffer): number | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const bodyStart = headEnd + 4;
  const head = bytes.toString("latin1", 0, headEnd);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const end = bodyStart + Number(length);
    return bytes.length >= end ? end : undefined;
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head))
    throw new Error(`a response without a length:\n${head}`);
  return chunkedEnd(bytes, bodyStart);
}

function chunkedEnd(bytes: Buffer, start: number): number | undefined {
  let position = start;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", position);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", position, lineEnd), 16);
    position = lineEnd + 2 + size + 2;
    if (position > bytes.length) return undefined;
    if (size === 0) return position;
  }
}

function openConnection(): void {
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  let pending: Buffer = EMPTY;
  socket.on("connect", () => socket.write(REQUEST));
  socket.on("data", (data: Buffer) => {
    const bytes = pending.length === 0 ? data : Buffer.concat([pending, data]);
    const length = responseLength(bytes);
    pending = length === undefined ? bytes : EMPTY;
    if (length === undefined || over) return;
    if (length === bytes.length && bytes.toString("latin1", 9, 12) === "200") responses++;
    else failures++;
    socket.write(REQUEST);
  });
  // A request is always out: to lose the connection is to lose an answer.
  socket.on("error", () => {});
  socket.on("close", () => {
    if (over) return;
    failures++;
    openConnection();
  });
}

const startedAt = performance.now();
for (let index = 0; index < connections; index++) openConnection();
setTimeout(() => {
  over = true;
  const report: LoadReport = { responses, failures, seconds: (performance.now() - startedAt) / 1000 };
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit());
}, seconds * 1000);
