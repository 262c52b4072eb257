/** What an engine must do, seen from its seam; run by quickjs.test.ts and v8.test.ts. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Engine, Isolate, IsolateExit, IsolateHost } from "../../src/engine/engine.ts";
import type { GuestError } from "../../src/engine/errors.ts";
import type { Program } from "../../src/engine/program.ts";
import type { Outbound, WireError } from "../../src/engine/wire.ts";

const LIMITS = { memoryBytes: 32 * 1024 * 1024 };

/** An isolate and all that it has said. */
class Seat implements IsolateHost {
  isolate!: Isolate;
  readonly messages: Outbound[] = [];
  readonly bytes: Uint8Array[] = [];
  readonly turns: (WireError | undefined)[] = [];
  readonly exits: IsolateExit[] = [];
  readonly syncCalls: string[] = [];
  answer: string | Uint8Array = "=";

  static async open(engine: Engine): Promise<Seat> {
    const seat = new Seat();
    seat.isolate = await engine.open(LIMITS, seat);
    return seat;
  }

  onMessages(text: string, bytes: readonly Uint8Array[]): void {
    this.messages.push(...(JSON.parse(text) as Outbound[]));
    this.bytes.push(...bytes);
  }

  callSync(text: string): string | Uint8Array {
    this.syncCalls.push(text);
    return this.answer;
  }

  onTurnEnd(cpuMilliseconds: number, uncaught: WireError | undefined): void {
    expect(cpuMilliseconds).toBeGreaterThanOrEqual(0);
    this.turns.push(uncaught);
  }

  onExit(exit: IsolateExit): void {
    this.exits.push(exit);
  }

  setUp(): void {
    const settings = {
      name: "worker",
      compatibilityDate: "2026-11-01",
      compatibilityFlags: [],
      bindings: [{ type: "kv", name: "KV", id: "KV" }],
      seed: "00".repeat(16),
    };
    this.isolate.enter(JSON.stringify(["load", settings]), []);
  }

  async load(script: string | Program): Promise<this> {
    this.setUp();
    await this.isolate.load(
      typeof script === "string"
        ? { main: "main.js", modules: [{ name: "main.js", source: script }] }
        : script,
    );
    return this;
  }

  /** Starts the event "invoke" for a function of the default export. */
  invoke(id: number, name: string, ...args: unknown[]): void {
    this.isolate.enter(JSON.stringify(["event", id, "invoke", [name, JSON.stringify(args), null]]), []);
  }

  /** The first message of that kind, when it is there. */
  message<K extends Outbound[0]>(
    kind: K,
    id?: number,
  ): Promise<Extract<Outbound, readonly [K, ...unknown[]]>> {
    return vi.waitUntil(
      () =>
        this.messages.find(message => message[0] === kind && (id === undefined || message[1] === id)) as
          | Extract<Outbound, readonly [K, ...unknown[]]>
          | undefined,
      { timeout: 10_000, interval: 2 },
    );
  }

  /** The result of an invoked function. */
  async result(id: number): Promise<unknown> {
    const [, , result] = await this.message("done", id);
    return JSON.parse((result as [string])[0]);
  }

  exit(): Promise<IsolateExit | undefined> {
    return vi.waitUntil(() => this.exits[0], { timeout: 10_000, interval: 2 });
  }
}

export function describeIsolate(createEngine: () => Promise<Engine>): void {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine();
  });
  afterAll(() => engine?.close());
  const open = () => Seat.open(engine);

  describe("loading", () => {
    test("modules find each other, and the worker is described", async () => {
      const seat = await open();
      await seat.load({
        main: "src/main.js",
        modules: [
          {
            name: "src/main.js",
            source: `import { x } from "../lib/x.js"; export default { get: () => x }; export const other = 1;`,
          },
          { name: "lib/x.js", source: `import "cloudflare:workers"; export const x = "found";` },
        ],
      });
      expect((await seat.message("loaded"))[1]).toMatchObject({ syntax: "module" });
      seat.invoke(1, "get");
      expect(await seat.result(1)).toBe("found");
      seat.isolate.dispose();
    });

    test.each([
      ["a syntax error", "export default {", "SyntaxError", /./],
      ["a module that there is not", `import "./none.js"; export default {};`, "SyntaxError", /none\.js/],
      [
        "an export that there is not",
        `import { none } from "cloudflare:workers"; export default {};`,
        "SyntaxError",
        /none/,
      ],
      ["a throw at the top level", `throw new RangeError("top"); export default {};`, "RangeError", /^top$/],
      [
        "a rejection awaited at the top level",
        `await Promise.reject(new TypeError("awaited")); export default {};`,
        "TypeError",
        /^awaited$/,
      ],
      ["a throw in an imported module", `import "./bad.js"; export default {};`, "EvalError", /^imported$/],
    ])("%s is told", async (_, source, name, message) => {
      const seat = await open();
      const error = (await seat
        .load({
          main: "main.js",
          modules: [
            { name: "main.js", source },
            { name: "bad.js", source: `throw new EvalError("imported");` },
          ],
        })
        .catch((error: unknown) => error)) as GuestError;
      expect(error.wire).toMatchObject({ name, message: expect.stringMatching(message) });
      seat.isolate.dispose();
    });

    test("a promise awaited at the top level is waited for", async () => {
      const seat = await (await open()).load(
        "const x = await Promise.resolve(3); export default { get: () => x };",
      );
      seat.invoke(1, "get");
      expect(await seat.result(1)).toBe(3);
      seat.isolate.dispose();
    });

    test("the worker finds no trace of what loads it", async () => {
      const seat = await (await open()).load(
        "const names = ['__guest', '__host'].filter(name => name in globalThis); export default { get: () => names };",
      );
      seat.invoke(1, "get");
      expect(await seat.result(1)).toEqual([]);
      seat.isolate.dispose();
    });
  });

  describe("turns", () => {
    const SCRIPT = `
      const log = [];
      export default {
        async note(env, n) {
          log.push("start " + n);
          for (let i = 0; i < 50; i++) await i;
          log.push("end " + n);
        },
        log: () => log,
        throws() { throw new TypeError("thrown"); },
        rejects() { Promise.reject(new RangeError("nobody")); return 1; },
        put: (env, n) => env.KV.put("key", new Uint8Array(n).fill(7)),
        get: async env => [...new Uint8Array(await env.KV.get("key", "arrayBuffer"))],
        getText: (env, key) => env.KV.get(key),
        never: () => new Promise(() => {}),
        loop() { for (;;); },
        hoard() { const all = []; for (;;) all.push(new Uint8Array(100_000).fill(1)); },
      };`;

    test("run in order, each with its microtasks", async () => {
      const seat = await (await open()).load(SCRIPT);
      for (let id = 1; id <= 5; id++) seat.invoke(id, "note", id);
      seat.invoke(6, "log");
      const expected = [1, 2, 3, 4, 5].flatMap(n => [`start ${n}`, `end ${n}`]);
      expect(await seat.result(6)).toEqual(expected);
      // One turn set the worker up.
      await vi.waitUntil(() => seat.turns.length === 7, { interval: 2 });
      expect(seat.messages.filter(([kind]) => kind === "done").map(([, id]) => id)).toEqual([
        1, 2, 3, 4, 5, 6,
      ]);
      seat.isolate.dispose();
    });

    test("tell what a handler threw, and go on", async () => {
      const seat = await (await open()).load(SCRIPT);
      seat.invoke(1, "throws");
      expect((await seat.message("failed", 1))[2]).toMatchObject({ name: "TypeError", message: "thrown" });
      seat.invoke(2, "log");
      expect(await seat.result(2)).toEqual([]);
      seat.isolate.dispose();
    });

    test("carry ops out and their answers in, bytes both ways", async () => {
      const seat = await (await open()).load(SCRIPT);
      seat.invoke(1, "put", 70_000);
      const [, put, event, op] = await seat.message("call");
      expect([event, op]).toEqual([1, "kv.put"]);
      expect(seat.bytes.map(bytes => [bytes.length, bytes[0], bytes.at(-1)])).toEqual([[70_000, 7, 7]]);
      seat.isolate.enter(JSON.stringify(["settle", put, null]), []);
      await seat.message("done", 1);
      seat.messages.length = 0;
      seat.invoke(2, "getText", "a");
      seat.invoke(3, "getText", "b");
      await vi.waitUntil(() => seat.messages.filter(([kind]) => kind === "call").length === 2, {
        interval: 2,
      });
      const [first, second] = seat.messages.filter(([kind]) => kind === "call");
      const failure = { name: "TypeError", message: "from the host" };
      seat.isolate.enter(JSON.stringify(["fail", second?.[1], failure]), []);
      expect((await seat.message("failed", 3))[2]).toMatchObject(failure);
      expect(seat.messages.some(([kind, id]) => kind === "done" && id === 2)).toBe(false);
      seat.isolate.enter(JSON.stringify(["fail", first?.[1], failure]), []);
      await seat.message("failed", 2);
      seat.isolate.dispose();
    });

    test("tell what nobody handled", async () => {
      const seat = await (await open()).load(SCRIPT);
      seat.invoke(1, "rejects");
      expect(await seat.result(1)).toBe(1);
      const heard = () =>
        seat.turns.find(uncaught => uncaught !== undefined) ??
        seat.messages.find(message => message[0] === "notify" && JSON.stringify(message).includes("nobody"));
      expect(JSON.stringify(await vi.waitUntil(heard, { interval: 2 }))).toContain("nobody");
      seat.isolate.dispose();
    });
  });

  describe("ends", () => {
    const SCRIPT = `export default { loop() { for (;;); }, hoard() { const all = []; for (;;) all.push(new Uint8Array(100_000).fill(1)); },
      hold() { const all = []; for (;;) all.push({ a: [1.5] }); }, ok: () => 1 };`;

    test("by dispose, told once, and nothing comes after it", async () => {
      const seat = await (await open()).load(SCRIPT);
      seat.isolate.dispose();
      seat.isolate.dispose();
      seat.invoke(1, "ok");
      expect(await seat.exit()).toEqual({ reason: "disposed" });
      // An isolate that was opened and used meanwhile shows that the first one had its time.
      const other = await (await open()).load(SCRIPT);
      other.invoke(1, "ok");
      expect(await other.result(1)).toBe(1);
      expect(seat.exits).toHaveLength(1);
      expect(seat.messages.filter(([kind]) => kind === "done")).toEqual([]);
      other.isolate.dispose();
    });

    test("in the middle of a turn", async () => {
      const seat = await (await open()).load(SCRIPT);
      seat.invoke(1, "ok");
      await seat.result(1);
      seat.invoke(2, "loop");
      seat.isolate.dispose();
      expect(await seat.exit()).toEqual({ reason: "disposed" });
      expect(seat.exits).toHaveLength(1);
    });

    test("when its memory is used up", async () => {
      const seat = await (await open()).load(SCRIPT);
      seat.invoke(1, "hold");
      expect(await seat.exit()).toEqual({ reason: "memory" });
      expect(seat.exits).toHaveLength(1);
    });
  });

  test("isolates that start at once are isolates of their own", async () => {
    const seats = await Promise.all(
      Array.from({ length: 4 }, async (_, index) =>
        (await open()).load(`globalThis.mine = ${index}; export default { get: () => globalThis.mine };`),
      ),
    );
    for (const seat of seats) seat.invoke(1, "get");
    expect(await Promise.all(seats.map(seat => seat.result(1)))).toEqual([0, 1, 2, 3]);
    for (const seat of seats) seat.isolate.dispose();
  });

  test("one that was made ready beforehand is like any other", async () => {
    engine.warm(LIMITS);
    engine.warm(LIMITS);
    const [first, second] = await Promise.all([open(), open()]);
    await Promise.all([first, second].map(seat => seat.load("export default { get: () => 1 };")));
    for (const seat of [first, second]) seat.invoke(1, "get");
    expect(await Promise.all([first.result(1), second.result(1)])).toEqual([1, 1]);
    for (const seat of [first, second]) seat.isolate.dispose();
  });

  describe("images", () => {
    test.each([
      ["none", undefined],
      ["an empty file", Buffer.alloc(0)],
      ["a few bytes", Buffer.from("image")],
      ["another's bytes", Buffer.alloc(100_000, 7)],
      ["a cut image", "cut"],
      ["an image with one wrong bit", "flip"],
    ] as const)("where there is %s, it is made again", async (_, damage) => {
      const { damageImages, whole } = await import("./images.ts");
      await damageImages(engine.name, damage);
      const other = await createEngine();
      const seat = await (await Seat.open(other)).load("export default { get: () => 'alive' };");
      seat.invoke(1, "get");
      expect(await seat.result(1)).toBe("alive");
      seat.isolate.dispose();
      await vi.waitUntil(() => whole(engine.name), { timeout: 10_000, interval: 5 });
      await other.close();
    });
  });
}
