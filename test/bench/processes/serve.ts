/** Servers: starting them, and asking them until they answer. */

import { type Agent, get } from "node:http";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Command, Running } from "./process.ts";
import type { Workspace } from "./workspace.ts";

/** A program that serves a project. */
export interface Contender {
  readonly name: string;
  /** Run in the project's folder. */
  command(port: number): Command;
}

export interface Server {
  readonly port: number;
  readonly process: Running;
  /** From process start until the first right answer was read. */
  readonly startMilliseconds: number;
}

export interface Expected {
  readonly path: string;
  readonly body: string;
}

const ATTEMPT_INTERVAL_MILLISECONDS = 2;

/** Below the ports that systems give to connections, so that none of them can take it before the server does. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

/** Starts a program on a project and waits for its first answer. */
export async function serve(
  workspace: Workspace,
  contender: Contender,
  folder: string,
  expected: Expected,
): Promise<Server> {
  const port = await freePort();
  const process = workspace.start(contender.command(port), folder);
  await answered(process, port, expected);
  return { port, process, startMilliseconds: performance.now() - process.startedAt };
}

/** Asks again and again until the answer is as expected. Rejects when the process ends. */
export async function answered(process: Running, port: number, expected: Expected): Promise<void> {
  for (;;) {
    const answer = await ask(port, expected.path);
    if (answer?.status === 200 && answer.body === expected.body) return;
    process.assertRunning();
    await delay(ATTEMPT_INTERVAL_MILLISECONDS);
  }
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A GET, on a connection of its own unless there is an agent; undefined when the connection fails. */
export function ask(port: number, path: string, agent: Agent | false = false): Promise<Answer | undefined> {
  return new Promise(resolve => {
    get({ host: "127.0.0.1", port, path, agent }, response => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", () => resolve(undefined));
    }).on("error", () => resolve(undefined));
  });
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
