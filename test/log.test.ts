import { describe, expect, test } from "vitest";
import { codeFrame } from "../src/code-frame.ts";
import { exitCodeOf, hasErrno, UserError } from "../src/errors.ts";
import { createLogger, LOG_LEVELS, type LogLevel, parseLogLevel, wantsColor } from "../src/log.ts";

function collect(level?: LogLevel, env: Record<string, string> = {}, isTTY = false) {
  const written: string[] = [];
  const logger = createLogger({ stream: { write: text => written.push(text), isTTY }, level, env });
  return { logger, written };
}

describe("logger", () => {
  test.each<[LogLevel, string[]]>([
    ["none", []],
    ["error", ["error"]],
    ["warn", ["warn", "error"]],
    ["info", ["info", "warn", "error"]],
    ["log", ["info", "log", "warn", "error"]],
    ["debug", ["debug", "info", "log", "warn", "error"]],
  ])("the level %s shows %j", (level, shown) => {
    const { logger, written } = collect(level);
    for (const name of ["debug", "info", "log", "warn", "error"] as const) logger[name](name);
    expect(written.map(line => line.replace(/^(?:warning|error): /, "").trim())).toEqual(shown);
    expect(LOG_LEVELS.filter(name => logger.shows(name)).sort()).toEqual([...shown].sort());
  });

  test("the level may change, and starts at log", () => {
    const { logger, written } = collect();
    expect(logger.level).toBe("log");
    logger.level = "error";
    logger.warn("no");
    expect(written).toEqual([]);
  });

  test.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: "1" }, false],
    [true, { NO_COLOR: "" }, true],
    [false, { FORCE_COLOR: "1" }, true],
    [true, { FORCE_COLOR: "0" }, false],
    [true, { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
    [true, { TERM: "dumb" }, false],
  ])("terminal %s with %j has colour: %s", (isTTY, env, expected) => {
    expect(wantsColor({ write: () => {}, isTTY }, env)).toBe(expected);
    const { logger, written } = collect("log", env as Record<string, string>, isTTY);
    logger.error("x");
    expect(written[0]?.includes("\u001b[")).toBe(expected);
  });

  test("levels by name", () => {
    expect(parseLogLevel("WARN")).toBe("warn");
    expect(parseLogLevel("loud")).toBeUndefined();
  });
});

describe("errors", () => {
  test("carry code, hint, details and cause, and end a command with their exit code", () => {
    const cause = new Error("below");
    const error = new UserError("CONFIG_INVALID", "wrong", "Correct it.", { details: "here", cause });
    expect(error).toMatchObject({
      name: "UserError",
      code: "CONFIG_INVALID",
      hint: "Correct it.",
      details: "here",
      cause,
    });
    expect(exitCodeOf(error)).toBe(2);
    expect(exitCodeOf(new UserError("BUILD_FAILED", "", ""))).toBe(1);
    expect(exitCodeOf(new Error("a bug"))).toBe(1);
  });

  test("Node's codes", () => {
    const error = Object.assign(new Error("x"), { code: "ENOENT" });
    expect(hasErrno(error, "EACCES", "ENOENT")).toBe(true);
    expect(hasErrno(error, "EACCES")).toBe(false);
    expect(hasErrno("ENOENT", "ENOENT")).toBe(false);
  });
});

describe("code frames", () => {
  test("point at the place, with tabs as wide as they are shown", () => {
    expect(codeFrame("a\n\tb c\r\nd", { line: 2, column: 4, length: 9 })).toBe(
      "  1 | a\n> 2 |   b c\n    |     ^\n  3 | d",
    );
  });

  test("a line that is not there has none", () => {
    expect(codeFrame("a", { line: 7, column: 1 })).toBe("");
  });
});
