/**
 * Code made of strings. As on workerd a worker may make it while it is loaded, and not while it handles events: a library
 * that compiles its templates at run time fails here as it would on Cloudflare.
 */
import { isFlagOn } from "./compatibility.ts";
import { DOMString } from "./webidl.ts";

const DURING_START_UP = {
  on: "allow_eval_during_startup",
  off: "disallow_eval_during_startup",
  since: "2025-06-01",
};

const NativeProxy = Proxy;
const { apply, construct } = Reflect;
const { eval: nativeEval } = globalThis;

let isAllowed = true;
let isAlwaysAllowed = false;

/** Puts guards in the places of the functions that make code, so that the engine's own are out of reach. */
export function guardCodeGeneration(): void {
  const Guarded = guardConstructor(Function);
  define(globalThis, "Function", Guarded);
  for (const sample of [async () => {}, function* () {}, async function* () {}]) {
    const Native = (Object.getPrototypeOf(sample) as { constructor: FunctionConstructor }).constructor;
    Object.setPrototypeOf(guardConstructor(Native), Guarded);
  }
}

/** A worker is about to be loaded. `always`: it may make code whenever it wants to. */
export function beginStartUp(always: boolean): void {
  isAlwaysAllowed = always;
  if (!isFlagOn(DURING_START_UP)) refuseFromNowOn();
}

/** The worker is loaded. */
export function endStartUp(): void {
  refuseFromNowOn();
}

/** Until then `eval` stays the engine's own: no other sees the variables around its call. */
function refuseFromNowOn(): void {
  if (isAlwaysAllowed || !isAllowed) return;
  isAllowed = false;
  if (Reflect.get(globalThis, "eval") !== nativeEval) return;
  const refuse = () => {
    throw refusal();
  };
  define(globalThis, "eval", new NativeProxy(nativeEval, { apply: refuse }));
}

function refusal(): EvalError {
  return new EvalError("Code generation from strings disallowed for this context");
}

/** In place of `Function` or one of its kind. */
function guardConstructor(Native: FunctionConstructor): FunctionConstructor {
  const check = (args: readonly unknown[]) => {
    if (isAllowed) return args;
    const texts = args.map(arg => DOMString(arg));
    if (texts.length > 0) throw refusal();
    return texts;
  };
  const Guarded = new NativeProxy(Native, {
    apply: (_target, self, args) => apply(Native, self, check(args)) as unknown,
    construct: (_target, args, newTarget) => construct(Native, check(args), newTarget) as object,
  });
  define(Native.prototype as object, "constructor", Guarded);
  return Guarded;
}

/** Replaces a property's value, and leaves its attributes as they are. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value });
}
