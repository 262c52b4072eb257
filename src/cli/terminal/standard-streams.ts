/** The process's own streams, each made when it is first asked for: that takes milliseconds, and few commands need all three. */
import { EXIT } from "../../errors.ts";
import type { LogStream } from "../../log.ts";
import type { Surroundings } from "../../runtime/surroundings.ts";

export type StandardStreams = Pick<Surroundings, "stdin" | "stdout" | "stderr">;

export function standardStreams(): StandardStreams {
  let stdout: NodeJS.WriteStream | undefined;
  let stderr: NodeJS.WriteStream | undefined;
  return {
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      stdout ??= untilClosed(process.stdout);
      return stdout;
    },
    get stderr() {
      stderr ??= untilClosed(process.stderr);
      return stderr;
    },
  };
}

/** A reader that has had enough (worker … | head) is no failure. */
function untilClosed(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.success);
  });
}

/** What a logger writes to, made with its first line. */
export function lazyStream(streams: StandardStreams, name: "stdout" | "stderr"): LogStream {
  return {
    write: text => streams[name].write(text),
    get isTTY() {
      return streams[name].isTTY;
    },
  };
}
