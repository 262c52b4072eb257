/** Hostile programs as data: what each does, and what its client may be told. */
import type { EngineName } from "../../src/index.ts";

export interface Attack {
  readonly name: string;
  /** The body of an async function that gets `request`. */
  readonly code: string;
  /**
   * What the client may get: "CODE status" for a failure that the runtime found, "Name" for the worker's own exception,
   * "status text" for an answer.
   */
  readonly expected: readonly string[] | Readonly<Record<EngineName, readonly string[]>>;
}

export interface Patch {
  readonly name: string;
  readonly code: string;
}

export const TIME = "TIME_LIMIT 503";
const MEMORY = "MEMORY_LIMIT 503";
/** Which of the two limits is met first depends on how fast the machine allocates. */
const EITHER = [MEMORY, TIME] as const;

/** Code that never gives the isolate back. */
export const ENDLESS: readonly Attack[] = [
  { name: "an empty loop", code: "for (;;);", expected: [TIME] },
  { name: "a loop that catches everything", code: "for (;;) try { for (;;); } catch {}", expected: [TIME] },
  { name: "a chain of promise jobs", code: "for (;;) await 1;", expected: [TIME] },
  {
    name: "promise jobs that nest",
    code: "const f = () => Promise.resolve().then(f); await f();",
    expected: EITHER,
  },
  {
    name: "queueMicrotask without end",
    code: "const f = () => queueMicrotask(f); f(); await new Promise(() => {});",
    expected: EITHER,
  },
  {
    name: "a catastrophic regular expression",
    code: `/(a+)+$/.test("a".repeat(40) + "b");`,
    expected: [TIME],
  },
  {
    name: "a sort whose comparison lies",
    code: "const a = Array.from({ length: 1e5 }, () => Math.random()); for (;;) a.sort(() => Math.random() - 0.5);",
    expected: EITHER,
  },
  {
    name: "an iterator without end",
    code: "[...{ [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) }].length;",
    expected: { quickjs: EITHER, v8: [MEMORY, TIME, "RangeError"] },
  },
  {
    name: "a getter that the runtime reads",
    code: "return new Response('', { get status() { for (;;); } });",
    expected: [TIME],
  },
  { name: "timers without end", code: "for (;;) setTimeout(() => {}, 1e6);", expected: EITHER },
  {
    name: "ops without end",
    code: `for (;;) fetch("http://127.0.0.1:1/").catch(() => {});`,
    expected: EITHER,
  },
  { name: "console lines without end", code: `for (;;) console.log("x".repeat(1000));`, expected: EITHER },
];

/**
 * Code that takes memory as fast as it can, each in a shape of its own. It keeps what it has: V8 looks at its limit when it
 * collects garbage, and what nobody holds by then was never too much.
 */
export const GREEDY: readonly Attack[] = [
  {
    name: "arrays of doubles",
    code: "const a = []; for (;;) a.push(new Array(1000).fill(1.5));",
    expected: EITHER,
  },
  {
    name: "one array of doubles that grows",
    code: "const a = []; for (;;) a.push(1.5);",
    expected: [...EITHER, "RangeError"],
  },
  { name: "objects", code: "const a = []; for (;;) a.push({ a: 1, b: [1] });", expected: EITHER },
  { name: "a Map", code: "const m = new Map(); for (let i = 0; ; i++) m.set(i, {});", expected: EITHER },
  { name: "a Set", code: "const s = new Set(); for (let i = 0; ; i++) s.add('k' + i);", expected: EITHER },
  {
    name: "strings",
    code: `const a = []; for (let i = 0; ; i++) a.push("abcdefgh".repeat(100) + i);`,
    expected: EITHER,
  },
  {
    name: "one string that doubles",
    code: `let s = "x"; for (;;) s += s;`,
    expected: [...EITHER, "RangeError"],
  },
  {
    name: "a string padded and flattened",
    code: `const a = []; for (let i = 0; ; i++) { const s = "x".padEnd(1e6, String(i)); a.push(s, s.charCodeAt(5e5)); }`,
    expected: [...EITHER, "RangeError"],
  },
  {
    name: "a BigInt that squares",
    code: "let b = 2n; for (;;) b = b * b;",
    expected: [...EITHER, "RangeError"],
  },
  {
    name: "ArrayBuffers",
    code: "const a = []; for (;;) a.push(new ArrayBuffer(1e6));",
    expected: { quickjs: [MEMORY], v8: [...EITHER, "RangeError"] },
  },
  {
    name: "typed arrays",
    code: "const a = []; for (;;) a.push(new Float64Array(1000).fill(1.5));",
    expected: { quickjs: [MEMORY], v8: [...EITHER, "RangeError"] },
  },
  {
    name: "one huge buffer",
    code: "new Uint8Array(2 ** 31).fill(1);",
    expected: { quickjs: [MEMORY, "RangeError"], v8: [...EITHER, "RangeError"] },
  },
  { name: "one huge array", code: "globalThis.kept = Array(4e7).fill();", expected: EITHER },
  { name: "a huge split", code: `globalThis.kept = "x".repeat(5e7).split("");`, expected: EITHER },
  {
    name: "arrays joined to themselves",
    code: "let a = [1.5]; for (;;) a = a.concat(a);",
    expected: [...EITHER, "RangeError"],
  },
  {
    name: "JSON that is all nesting",
    code: `globalThis.kept = JSON.parse("[".repeat(1e6) + "]".repeat(1e6));`,
    expected: [...EITHER, "RangeError", "SyntaxError"],
  },
  {
    name: "JSON that is all elements",
    code: `globalThis.kept = JSON.parse("[" + "{},".repeat(2e6) + "{}]");`,
    expected: [...EITHER, "RangeError"],
  },
  {
    name: "closures",
    code: "let f = () => {}; for (;;) { const g = f; f = () => g; }",
    expected: EITHER,
  },
  {
    name: "pending promises",
    code: "const a = []; for (;;) a.push(new Promise(() => {}).then(() => {}));",
    expected: EITHER,
  },
  {
    name: "text in the library's own objects",
    code: `const u = new URLSearchParams(); for (let i = 0; ; i++) u.append("k" + i, "v".repeat(1000));`,
    expected: EITHER,
  },
  {
    name: "a body that is held",
    code: "const b = []; for (;;) b.push(new Blob([new Uint8Array(1e5)]));",
    expected: { quickjs: [MEMORY], v8: [...EITHER, "RangeError"] },
  },
];

/** Code that goes too deep. */
export const DEEP: readonly Attack[] = [
  { name: "a function that calls itself", code: "(function f() { f(); })();", expected: ["RangeError"] },
  {
    name: "an async function that calls itself",
    code: "const f = async () => { await f(); }; await f();",
    expected: { quickjs: ["RangeError"], v8: ["RangeError", MEMORY, TIME] },
  },
  {
    name: "a getter that reads itself",
    code: "({ get a() { return this.a; } }).a;",
    expected: ["RangeError"],
  },
  {
    name: "a replacer that recurses",
    code: "const f = () => JSON.stringify({ toJSON: f }); f();",
    expected: ["RangeError"],
  },
  {
    name: "a proxy of a proxy",
    code: "let p = {}; for (let i = 0; i < 2e5; i++) p = new Proxy(p, {}); p.x;",
    expected: [...EITHER, "RangeError"],
  },
  {
    name: "a structure that is cloned",
    code: "let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; structuredClone(o);",
    expected: [...EITHER, "RangeError", "DataCloneError", "200 undefined"],
  },
  {
    name: "a structure that is logged",
    code: "let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; console.log(o); return new Response('logged');",
    expected: ["200 logged"],
  },
];

/** Code that throws what nobody expects, or nothing. */
export const THROWERS: readonly Attack[] = [
  { name: "null", code: "throw null;", expected: ["Error"] },
  { name: "undefined", code: "throw undefined;", expected: ["Error"] },
  { name: "a symbol", code: "throw Symbol('s');", expected: ["Error"] },
  {
    name: "an object whose members throw",
    code: "throw { get message() { throw 1; }, name: {}, stack: 1 };",
    expected: ["Error"],
  },
  {
    name: "an error whose members throw",
    code: "const e = new Error('x'); for (const k of ['name', 'message', 'stack', 'cause', 'code', 'constructor', 'toString', 'toJSON']) Object.defineProperty(e, k, { get() { throw new Error(k); } }); throw e;",
    expected: ["Error"],
  },
  {
    name: "a proxy that always throws",
    code: "throw new Proxy({}, new Proxy({}, { get() { throw 1; } }));",
    expected: ["Error"],
  },
  {
    name: "a revoked proxy",
    code: "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy;",
    expected: ["Error"],
  },
  {
    name: "an error that is its own cause",
    code: "const e = new Error('x'); e.cause = e; throw e;",
    expected: ["Error"],
  },
  { name: "an error with a huge message", code: "throw new Error('x'.repeat(1e6));", expected: ["Error"] },
  {
    name: "an error whose stack is an object",
    code: "const e = new Error('x'); e.stack = { toString() { throw 1; } }; throw e;",
    expected: ["Error"],
  },
  {
    name: "an error with a cyclic property",
    code: "const e = new TypeError('x'); e.self = e; e.big = 1n; throw e;",
    expected: ["TypeError"],
  },
  {
    name: "a promise that never settles",
    code: "await new Promise(() => {});",
    expected: ["RESPONSE_NEVER 500"],
  },
  {
    name: "a rejection that nobody handles",
    code: "Promise.reject(new Error('lost')); return new Response('ok');",
    expected: ["200 ok"],
  },
  {
    name: "many rejections that nobody handles",
    code: "for (let i = 0; i < 2e3; i++) Promise.reject(new Error('lost')); return new Response('ok');",
    expected: ["200 ok"],
  },
  {
    name: "a thenable that recurses",
    code: "return { then(resolve) { resolve(this); } };",
    expected: EITHER,
  },
  { name: "a thenable that never answers", code: "return { then() {} };", expected: ["RESPONSE_NEVER 500"] },
  {
    name: "a thenable that throws",
    code: "return { then() { throw new TypeError('no'); } };",
    expected: ["TypeError"],
  },
];

/** Code that changes what everything else is built of. The isolate lives on, and the runtime in it must too. */
export const PATCHES: readonly Patch[] = [
  { name: "Promise.prototype.then", code: "Promise.prototype.then = function () { throw 1; };" },
  { name: "the global Promise", code: "globalThis.Promise = class {};" },
  { name: "JSON", code: "JSON.stringify = JSON.parse = () => { throw 1; };" },
  { name: "then on Object.prototype", code: "Object.prototype.then = 1;" },
  {
    name: "Object's functions",
    code: "for (const k of ['keys', 'entries', 'defineProperty', 'getPrototypeOf', 'setPrototypeOf', 'assign', 'freeze', 'create']) Object[k] = () => { throw 1; };",
  },
  {
    name: "Reflect",
    code: "for (const k of Object.getOwnPropertyNames(Reflect)) Reflect[k] = () => { throw 1; };",
  },
  {
    name: "the methods of regular expressions",
    code: "for (const k of Object.getOwnPropertyNames(RegExp.prototype)) Object.defineProperty(RegExp.prototype, k, { value() { throw 1; }, configurable: true });",
  },
  {
    name: "the methods of typed arrays",
    code: "const T = Object.getPrototypeOf(Uint8Array).prototype; for (const k of ['set', 'subarray', 'slice', 'fill']) T[k] = () => { throw 1; };",
  },
  {
    name: "what errors look like",
    code: "Error.prototype.toString = () => { throw 1; }; Error.prepareStackTrace = () => { throw 1; }; Error.stackTraceLimit = 'x';",
  },
  {
    name: "the globals of the Web",
    code: "globalThis.Response = globalThis.Request = globalThis.Headers = globalThis.ReadableStream = null;",
  },
  {
    name: "the methods of Headers",
    code: "for (const k of Object.getOwnPropertyNames(Headers.prototype)) Headers.prototype[k] = () => { throw 1; };",
  },
  {
    name: "everything frozen",
    code: "for (const C of [Object, Array, Function, Promise, Error]) { Object.freeze(C); Object.freeze(C.prototype); }",
  },
  {
    name: "Promise's functions",
    code: "Promise.resolve = Promise.reject = Promise.all = () => { throw 1; };",
  },
  {
    name: "the methods of arrays",
    code: "for (const k of Object.getOwnPropertyNames(Array.prototype)) if (typeof Array.prototype[k] === 'function') Array.prototype[k] = () => { throw 1; };",
  },
  {
    name: "the iterator of arrays",
    code: "Array.prototype[Symbol.iterator] = () => { throw 1; };",
  },
  {
    name: "the next of array iterators",
    code: "Object.getPrototypeOf([][Symbol.iterator]()).next = () => { throw 1; };",
  },
  {
    name: "an index of Array.prototype",
    code: "Object.defineProperty(Array.prototype, '0', { set() { throw 1; }, get() { throw 1; }, configurable: true });",
  },
  {
    name: "setters on Object.prototype",
    code: "for (const k of ['name', 'message', 'stack', 'code', 'cause', 'status', 'headers', 'value', 'get', 'set']) Object.defineProperty(Object.prototype, k, { __proto__: null, set() { throw 1; }, configurable: true });",
  },
  {
    name: "toJSON on Object.prototype",
    code: "Object.prototype.toJSON = () => 'hijacked';",
  },
  {
    name: "call, apply and bind",
    code: "for (const k of ['call', 'apply', 'bind']) Object.defineProperty(Function.prototype, k, { value() { throw 1; }, configurable: true });",
  },
  {
    name: "maps and sets",
    code: "for (const C of [Map, WeakMap, Set, WeakSet]) for (const k of ['get', 'set', 'has', 'add', 'delete']) if (k in C.prototype) C.prototype[k] = () => { throw 1; };",
  },
  {
    name: "the methods of strings",
    code: "for (const k of Object.getOwnPropertyNames(String.prototype)) if (typeof String.prototype[k] === 'function' && k !== 'constructor') String.prototype[k] = () => { throw 1; };",
  },
  {
    name: "the globals of the language",
    code: "globalThis.Error = globalThis.TypeError = null; globalThis.Object = globalThis.Array = globalThis.Map = null;",
  },
  {
    name: "everything deleted",
    code: "for (const k of Object.getOwnPropertyNames(globalThis)) if (!['URL', 'Response', 'Object'].includes(k)) try { delete globalThis[k]; } catch {}",
  },
];
