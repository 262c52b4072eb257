/** What every engine must withstand; run by quickjs.test.ts and v8.test.ts, so that the two run beside each other. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineName } from "../../src/index.ts";
import type { Challenge, Verdict } from "./arena.ts";
import { type Attack, DEEP, ENDLESS, GREEDY, PATCHES, type Patch, THROWERS, TIME } from "./attacks.ts";

const WALL_MS = 1000;
/** For code that meets no other limit. */
const ENDLESS_WALL_MS = 400;
/** For code that is not to meet the time limit, however busy the machine is. */
const UNMET_WALL_MS = 20_000;
/** A worker beside the offender may wait for the processor, never for the offender. */
const NEIGHBOUR_MS = 300;
/** The memory guard's slack, the isolate's own limit, and what was taken before anybody could look. */
const PEAK_MEGABYTES = 700;

/** What may still be held from one round to the next. */
const HELD_MEGABYTES = 120;

/** Before the next attack, what the last one was in the middle of has to end: see quiet() in arena.ts. */
export const CONTAINMENT_TIMEOUT_MS = 120_000;

export function describeContainment(engine: EngineName): void {
  const arena = new Arena(engine);
  beforeAll(() => arena.open());
  afterAll(() => arena.close());

  const attempt = (wallMilliseconds: number) => async (attack: Attack) => {
    const expected = Array.isArray(attack.expected)
      ? attack.expected
      : (attack.expected as Record<EngineName, readonly string[]>)[engine];
    const verdict = await arena.meet({
      code: attack.code,
      rounds: 1,
      wallMilliseconds: expected.includes(TIME) ? wallMilliseconds : UNMET_WALL_MS,
    });
    expect(expected).toContain(verdict.outcomes[0]);
    expect(verdict.next).toEqual(["200 fine"]);
    expectNoHarm(verdict);
    expect(verdict.peakMegabytes).toBeLessThan(PEAK_MEGABYTES);
  };

  describe("code that never gives the isolate back", () => {
    test.each(ENDLESS)("$name", attempt(ENDLESS_WALL_MS));
  });
  describe("memory of every shape", () => {
    test.each(GREEDY)("$name", attempt(WALL_MS));
  });
  describe("code that goes too deep", () => {
    test.each(DEEP)("$name", attempt(WALL_MS));
  });
  describe("throws and never answers", () => {
    test.each(THROWERS)("$name", attempt(WALL_MS));
  });

  const survive = async ({ code }: Patch) => {
    const patch = `${code} return answers[taken++];`;
    const verdict = await arena.meet({ code: patch, rounds: 1, wallMilliseconds: UNMET_WALL_MS });
    expect([...verdict.outcomes, ...verdict.next]).toEqual(["200 fine", "200 fine"]);
  };
  describe("patched builtins", () => {
    test.each(PATCHES)("$name", survive);
  });

  describe("ten in a row leave memory where it was", () => {
    const kinds: readonly [name: string, wallMilliseconds: number, code: string][] = [
      ["arrays of doubles", WALL_MS, "const a = []; for (;;) a.push(new Array(1000).fill(1.5));"],
      ["a Map", WALL_MS, "const m = new Map(); for (let i = 0; ; i++) m.set(i, {});"],
      ["typed arrays", WALL_MS, "const a = []; for (;;) a.push(new Float64Array(1000).fill(1.5));"],
      ["console lines", ENDLESS_WALL_MS, `for (;;) console.log("x".repeat(1000));`],
    ];
    test.each(kinds)("%s", async (_, wallMilliseconds, code) => {
      const verdict = await arena.meet({ code, rounds: 10, wallMilliseconds });
      expect(verdict.next).toEqual(Array(10).fill("200 fine"));
      const { heldMegabytes } = verdict;
      // Allocators keep what they were given once; ten isolates that stay would hold far more.
      expect(Math.max(...heldMegabytes.slice(5)) - Math.max(...heldMegabytes.slice(0, 5))).toBeLessThan(
        HELD_MEGABYTES,
      );
    });
  });
}

/** The worker beside the offender went on: apart from what any thread waited for a processor, at each of its few steps. */
function expectNoHarm({ neighbourAnswers, neighbourMilliseconds, busyMilliseconds }: Verdict): void {
  expect(neighbourAnswers).toBeGreaterThan(0);
  expect(neighbourMilliseconds).toBeLessThan(NEIGHBOUR_MS + 4 * busyMilliseconds);
}

/** A process that hostile workers run in (arena.ts). */
class Arena {
  readonly #engine: EngineName;
  #process: ChildProcess | undefined;

  constructor(engine: EngineName) {
    this.#engine = engine;
  }

  async open(): Promise<void> {
    this.#process = fork(fileURLToPath(new URL("./arena.ts", import.meta.url)), [this.#engine], {
      execArgv: ["--expose-gc"],
      serialization: "advanced",
    });
    await this.#answer();
  }

  async meet(challenge: Challenge): Promise<Verdict> {
    if (this.#process === undefined) await this.open();
    this.#process?.send(challenge);
    return (await this.#answer()) as Verdict;
  }

  async #answer(): Promise<unknown> {
    const arena = this.#process;
    if (arena === undefined) throw new Error("the arena is not open");
    const ending = new AbortController();
    try {
      return await Promise.race([
        once(arena, "message", ending).then(([message]) => message),
        once(arena, "exit", ending).then(([code, signal]) => {
          this.#process = undefined;
          throw new Error(`the attack brought the process down (${signal ?? `code ${code}`})`);
        }),
      ]);
    } finally {
      ending.abort();
    }
  }

  close(): void {
    this.#process?.disconnect();
  }
}
