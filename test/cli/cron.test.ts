import { describe, expect, test } from "vitest";
import { cli, folder, startCli } from "../helpers/cli.ts";
import { ENGINES } from "../helpers/each-engine.ts";

const CONFIG = '{"main":"index.js","triggers":{"crons":["*/15 * * * *","0 8 1 1 *"]}}';
const FILES = {
  "wrangler.json": CONFIG,
  "index.js": `export default {
    async scheduled(controller, env, context) {
      console.log(controller.cron, new Date(controller.scheduledTime).toISOString());
      if (controller.cron === "0 0 * * *") throw new Error("bad night");
      context.waitUntil(scheduler.wait(1).then(() => console.log("after")));
    },
  };`,
};
const NONE = { "index.js": "export default { fetch() {} };" };

describe.each(ENGINES)("cron trigger (%s)", engine => {
  const trigger = (...args: string[]) =>
    cli(["cron", "trigger", "--engine", engine, ...args], { cwd: folder(FILES) });

  test.concurrent("all triggers", async () => {
    const { stdout, stderr, code } = await trigger("--time", "2026-01-05T08:00:00Z");
    expect([stdout, code]).toEqual(["*/15 * * * *  ok\n0 8 1 1 *  ok\n", 0]);
    expect(stderr).toContain("*/15 * * * * 2026-01-05T08:00:00.000Z\n");
    expect(stderr.match(/after/g)).toHaveLength(2);
  });

  test.concurrent("one that the configuration does not have, and that fails", async () => {
    const { stdout, stderr, code } = await trigger("0 0 * * *", "--time", "0");
    expect([stdout, code]).toEqual(["0 0 * * *  exception\n", 1]);
    expect(stderr).toMatch(
      /^0 0 \* \* \* 1970-01-01T00:00:00\.000Z\nerror: Error: bad night \(WORKER_EXCEPTION\)\n/,
    );
  });
});

describe.concurrent("cron", () => {
  test("list", async () => {
    const { stdout, stderr, code } = await cli(["cron", "list"], { cwd: folder(FILES) });
    expect([stderr, code]).toEqual(["", 0]);
    expect(stdout).toMatch(/^\*\/15 \* \* \* \*( {2}\d{4}-\d\d-\d\dT\d\d:(00|15|30|45)Z){3}\n/);
    expect(stdout).toMatch(/\n0 8 1 1 \* {3}( {2}\d{4}-01-01T08:00Z){3}\n$/);
  });

  test("start runs until it is interrupted", async () => {
    const running = startCli(["cron", "start"], { cwd: folder(FILES) });
    await running.says(/Running 2 triggers on time; Ctrl-C ends it\./);
    running.signal("SIGTERM");
    expect(await running.ended).toBe(130);
  });

  test.each([["list"], ["trigger"], ["start"]])("%s without triggers", async name => {
    expect(await cli(["cron", name], { cwd: folder(NONE) })).toEqual({
      stdout: "",
      stderr:
        "error: The worker has no cron triggers. (CRON_INVALID)\n" +
        'Name them in the configuration: "triggers": { "crons": ["*/5 * * * *"] }\n',
      code: 2,
    });
  });

  test.each([["trigger", "* * * * *"], ["start"]])("%s without scheduled()", async (...args) => {
    const { stdout, stderr, code } = await cli(["cron", ...args], {
      cwd: folder({ ...NONE, "wrangler.json": CONFIG }),
    });
    expect([stdout, code]).toEqual(["", 1]);
    expect(stderr).toContain("error: The worker has no scheduled() handler. (HANDLER_NOT_FOUND)\n");
  });

  test("an expression that is none", async () => {
    const { stdout, stderr, code } = await cli(["cron", "trigger", "hourly"], { cwd: folder(FILES) });
    expect([stdout, code]).toEqual(["", 2]);
    expect(stderr).toMatch(/^error: The cron expression "hourly" is not valid: .* \(CRON_INVALID\)\n/);
  });
});
