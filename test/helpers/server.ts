/** `worker dev` and `worker run` as their users start them: child processes, on a port that is free. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Files, write } from "./project.ts";

const PROGRAM = fileURLToPath(new URL("../../bin/worker.js", import.meta.url));

/** What is still there when the process ends. */
const left = new Set<() => void>();
process.once("exit", () => {
  for (const clear of left) clear();
});

/** A folder with these files, gone when the tests of the file are over. */
export function folderWith(files: Files): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "worker-served-")));
  left.add(() => rmSync(folder, { recursive: true, force: true }));
  write(folder, files);
  return folder;
}

export interface RunningServer {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** All that it has written so far, stdout and stderr together. */
  output(): string;
  /** Resolves when the output from `from` on matches; rejects when the process ends first. */
  waitFor(pattern: RegExp, from?: number): Promise<RegExpExecArray>;
  /** Sends the signal, and resolves to the exit code, or to the signal's name, when the process has ended. */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

/** Starts a server and resolves when it says that it is ready. `args` begins with the command. */
export async function startServer(folder: string, ...args: readonly string[]): Promise<RunningServer> {
  const child = spawn(process.execPath, [PROGRAM, ...args, "--port", "0"], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = () => child.kill("SIGKILL");
  left.add(kill);
  let output = "";
  const changes = new Set<() => void>();
  const change = () => {
    for (const notify of changes) notify();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      change();
    });
  }
  let ended: number | string | undefined;
  const closed = once(child, "close").then(([code, signal]) => {
    ended = (code ?? signal) as number | string;
    left.delete(kill);
    change();
    return ended;
  });
  const waitFor = (pattern: RegExp, from = 0) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(output.slice(from));
        if (match === null && ended === undefined) return;
        changes.delete(look);
        if (match !== null) resolve(match);
        else reject(new Error(`the server ended (${ended}) without ${pattern}:\n${output}`));
      };
      changes.add(look);
      look();
    });
  const [, url = "", port = ""] = await waitFor(/^Ready on (https?:\/\/.*?:(\d+))$/m);
  return {
    url,
    port: Number(port),
    process: child,
    output: () => output,
    waitFor,
    stop(signal = "SIGTERM") {
      child.kill(signal);
      return closed;
    },
  };
}

/** The process that serves for a supervisor: its only child. */
export async function hostProcessOf(supervisor: number): Promise<number> {
  return eventually(async () => {
    const { readFile } = await import("node:fs/promises");
    const children = await readFile(`/proc/${supervisor}/task/${supervisor}/children`, "utf8");
    for (const pid of children.trim().split(" ").filter(Boolean)) {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (command.includes("host-process")) return Number(pid);
    }
    return undefined;
  });
}

/** Whether a process is there and has not ended. */
export async function isAlive(pid: number): Promise<boolean> {
  const { readFile } = await import("node:fs/promises");
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return status !== "" && !/^\d+ \(.*\) [ZX]/.test(status);
}

/** Asks again until there is an answer that is neither undefined nor false. */
export async function eventually<T>(
  ask: () => Promise<T | undefined | false>,
  milliseconds = 10_000,
): Promise<T> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`no answer within ${milliseconds} ms`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

/** A connection that is written to byte for byte. */
export class RawConnection {
  readonly socket: net.Socket;
  #received = "";
  #ended = false;
  #changed: () => void = () => {};

  private constructor(socket: net.Socket) {
    this.socket = socket;
    const change = () => this.#changed();
    socket.on("data", chunk => {
      this.#received += chunk.toString("latin1");
      change();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#ended = true;
      change();
    });
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = net.connect({ port, host: "127.0.0.1" });
    await once(socket, "connect");
    return new RawConnection(socket);
  }

  send(text: string): void {
    this.socket.write(text, "latin1");
  }

  /** What has come so far, when it matches or when the connection is closed. */
  async received(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#received) && !this.#ended) {
      await new Promise<void>(resolve => {
        this.#changed = resolve;
      });
    }
    return this.#received;
  }

  /** All that comes until the server closes the connection. */
  rest(): Promise<string> {
    return this.received(/[^\s\S]/);
  }
}

/** Sends bytes on a connection of their own and returns all that comes back. */
export async function exchange(port: number, text: string): Promise<string> {
  const connection = await RawConnection.open(port);
  connection.send(text);
  return connection.rest();
}
