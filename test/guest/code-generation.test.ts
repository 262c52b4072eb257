/** Code made of strings: when a worker may make it, and what it meets when it may not. */
import { expect, test } from "vitest";
import { eachEngine } from "../helpers/each-engine.ts";

const SCRIPT = `
  const AsyncFunction = (async () => {}).constructor;
  const Generator = (function* () {}).constructor;
  const AsyncGenerator = (async function* () {}).constructor;
  const kept = Function;
  const attempt = make => { try { const made = make(); return typeof made === "function" ? typeof made : made; } catch (error) { return String(error); } };
  const attempts = local => [
    () => eval("local"),
    () => (0, eval)("1 + 1"),
    () => new Function("a", "return a")(3),
    () => Function("return 4")(),
    () => kept("return 5")(),
    () => AsyncFunction("await 1"),
    () => Generator("yield 1"),
    () => AsyncGenerator("yield 1"),
    () => new (class extends Function { constructor() { super("return 6"); } })()(),
    () => Reflect.construct(Function, ["}{"], Object),
    () => eval(7),
    () => Function(Symbol()),
  ].map(attempt);
  const early = attempts("seen");
  export default { run: () => ({
    early,
    late: attempts("seen"),
    empty: typeof Function(),
    same: [
      (() => {}).constructor === Function, (() => {}) instanceof Function, Function.prototype.constructor === Function,
      Object.getPrototypeOf(AsyncFunction) === Function, Function.name, Function.length, eval.name, typeof eval,
      Object.getPrototypeOf(class extends Function {}) === Function, Object.keys(globalThis).includes("Function"),
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(async () => {}), "constructor").writable,
    ],
  }) };
`;

const ALLOWED = ["seen", 2, 3, 4, 5, "function", "function", "function", 6];
const REFUSAL = "EvalError: Code generation from strings disallowed for this context";

eachEngine("Code made of strings", (_, { load }) => {
  const made = async (options: object) => {
    const worker = await load({ script: SCRIPT, ...options });
    return (await worker.invoke("run")) as Record<"early" | "late" | "same", unknown[]> & { empty: string };
  };

  test("is refused to a worker that handles events, in the words of workerd", async () => {
    const { early, late, empty, same } = await made({ compatibilityDate: "2026-11-17" });
    expect(early.slice(0, 9)).toEqual(ALLOWED);
    expect(late.slice(0, 11)).toEqual(Array(11).fill(REFUSAL));
    expect(late[11]).toMatch(/^TypeError: .*symbol/i);
    expect(empty).toBe("function");
    expect(same).toEqual([true, true, true, true, "Function", 1, "eval", "function", true, false, false]);
  });

  test("is refused at start-up too before 2025-06-01, unless a flag allows it", async () => {
    const { early } = await made({ compatibilityDate: "2025-05-31" });
    expect(early.slice(0, 11)).toEqual(Array(11).fill(REFUSAL));
    const flagged = await made({
      compatibilityDate: "2025-05-31",
      compatibilityFlags: ["allow_eval_during_startup"],
    });
    expect(flagged.early.slice(0, 9)).toEqual(ALLOWED);
    expect(flagged.late.slice(0, 9)).toEqual(Array(9).fill(REFUSAL));
  });

  test("is made at any time by a worker that is trusted to", async () => {
    const { early, late } = await made({ compatibilityDate: "2025-05-31", unsafeEval: true });
    expect(early.slice(0, 9)).toEqual(ALLOWED);
    expect(late.slice(0, 9)).toEqual(ALLOWED);
  });
});
