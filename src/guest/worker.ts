/** The worker as loaded: its exports, its `env`, and how a handler or a function of it is found and called. */

import { EmailMessage } from "../bindings/email/guest/message.ts";
import { createBinding } from "../bindings/guests.ts";
import type { WorkerDescription, WorkerSettings } from "../bindings/worker/contract.ts";
import { describeWorker } from "../bindings/worker/guest/cloudflare.ts";
import { createExecutionContext, waitUntil } from "../bindings/worker/guest/context.ts";
import {
  DurableObject,
  RpcTarget,
  WorkerEntrypoint,
  WorkflowEntrypoint,
} from "../bindings/worker/guest/entrypoints.ts";
import { NonRetryableError } from "../bindings/worker/guest/non-retryable-error.ts";
import { tracing } from "../bindings/worker/guest/tracing.ts";
import { resetRandomPool } from "../web/crypto/guest/random.ts";
import { type EventTarget, listenerCount } from "../web/events/guest.ts";
import { connect } from "../web/sockets/guest/socket.ts";
import { nodeTimers, nodeTimersPromises } from "../web/timers/guest/node-timers.ts";
import { beginStartUp, endStartUp } from "./code-generation.ts";
import { setCompatibility } from "./compatibility.ts";
import { describeError } from "./errors.ts";
import type { Execution } from "./execution.ts";
import { send } from "./host.ts";
import { ReflectApply } from "./primordials.ts";
import { seedRandom } from "./random.ts";

type Namespace = Readonly<Record<string, unknown>>;
type AnyFunction = (...args: unknown[]) => unknown;
type AnyConstructor = new (ctx: unknown, env: unknown) => object;

let exports: Namespace = {};
let env: Record<string, unknown> = {};
/** The `env` of `cloudflare:workers`, the same object for the worker's whole life; `withEnv` changes what it shows. */
let shownEnv: Record<string, unknown> = env;
const importableEnv = new Proxy({} as Record<string, unknown>, {
  get: (_, key) => Reflect.get(shownEnv, key),
  has: (_, key) => Reflect.has(shownEnv, key),
  ownKeys: () => Reflect.ownKeys(shownEnv),
  getOwnPropertyDescriptor: (_, key) => {
    const descriptor = Reflect.getOwnPropertyDescriptor(shownEnv, key);
    return descriptor && { ...descriptor, configurable: true };
  },
  set: (_, key, value) => Reflect.set(shownEnv, key, value),
});

/** Runs `callback` while the importable `env` shows other bindings. */
function withEnv(other: Record<string, unknown>, callback: () => unknown): unknown {
  const before = shownEnv;
  shownEnv = other;
  try {
    return callback();
  } finally {
    shownEnv = before;
  }
}

/** The values of the modules that the runtime supplies; engine/program.ts lists their names. */
export const builtins: Readonly<Record<string, Namespace>> = {
  "cloudflare:email": { EmailMessage },
  "cloudflare:sockets": { connect },
  "cloudflare:workers": {
    DurableObject,
    RpcTarget,
    WorkerEntrypoint,
    WorkflowEntrypoint,
    env: importableEnv,
    tracing,
    waitUntil,
    withEnv,
  },
  "cloudflare:workflows": { NonRetryableError },
  "node:timers": nodeTimers,
  "node:timers/promises": nodeTimersPromises,
};

/** Prepares the isolate for one worker, before its code is evaluated. */
export function setUp(settings: WorkerSettings): void {
  seedRandom(settings.seed);
  setCompatibility(settings.compatibilityDate, settings.compatibilityFlags);
  beginStartUp(settings.unsafeEval);
  resetRandomPool();
  describeWorker(settings);
  env = {};
  for (const descriptor of settings.bindings) define(env, descriptor.name, createBinding(descriptor));
  shownEnv = env;
  if (settings.serviceWorker) exposeBindings();
}

/** In service-worker syntax there is no `env`: the bindings are globals. */
function exposeBindings(): void {
  for (const [name, value] of Object.entries(env)) define(globalThis, name, value);
}

/** An ordinary property, whatever its name is: "__proto__" too. */
function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Takes the exports of the worker's main module. */
export function register(namespace: Namespace): void {
  exports = namespace;
  try {
    const description = describe();
    if (description.syntax === "service-worker") exposeBindings();
    endStartUp();
    send(["loaded", description as never], []);
  } catch (error) {
    send(["load-failed", describeError(error)], []);
  }
}

const HANDLERS = ["fetch", "scheduled", "queue", "alarm", "tail", "email", "trace", "test"];

function describe(): WorkerDescription {
  const named: { name: string; kind: WorkerDescription["exports"][number]["kind"] }[] = [];
  for (const name of Object.keys(exports)) {
    if (name !== "default") named.push({ name, kind: kindOf(exports[name]) });
  }
  const listening = HANDLERS.filter(listensFor);
  if (listening.length > 0) return { syntax: "service-worker", handlers: listening, exports: named };
  const main = prototypeOrObject(exports["default"]);
  const handlers = main === undefined ? [] : HANDLERS.filter(name => typeof main[name] === "function");
  return { syntax: "module", handlers, exports: named };
}

function kindOf(value: unknown): WorkerDescription["exports"][number]["kind"] {
  if (typeof value === "object" && value !== null) return "object";
  if (typeof value !== "function") return "value";
  return isClass(value) ? "class" : "function";
}

function isClass(value: unknown): value is AnyConstructor {
  if (typeof value !== "function" || value.prototype === undefined) return false;
  const descriptor = Object.getOwnPropertyDescriptor(value, "prototype");
  return descriptor?.writable === false;
}

function prototypeOrObject(value: unknown): Record<string, unknown> | undefined {
  if (isClass(value)) return value.prototype as Record<string, unknown>;
  if ((typeof value === "object" && value !== null) || typeof value === "function") {
    return value as Record<string, unknown>;
  }
  return undefined;
}

/** How a handler is called: with `(event, env, ctx)` on an object, with `(event)` on a WorkerEntrypoint. */
export type BoundHandler = (event: unknown) => unknown;

/** Whether the worker is in service-worker syntax and listens for events of that type. */
export function listensFor(type: string): boolean {
  return listenerCount(globalThis as unknown as EventTarget, type) > 0;
}

/** The handler `name` of the default export, or of a named entrypoint. */
export function findHandler(execution: Execution, name: string, entrypoint: string | null): BoundHandler {
  const target = entrypointTarget(entrypoint);
  if (isClass(target)) {
    const instance = new target(createExecutionContext(execution), env) as Record<string, unknown>;
    const method = instance[name];
    if (typeof method !== "function") throw noHandler(name, entrypoint);
    return event => ReflectApply(method as AnyFunction, instance, [event]);
  }
  const handler = (target as Record<string, unknown> | null | undefined)?.[name];
  if (typeof handler !== "function") throw noHandler(name, entrypoint);
  return event =>
    ReflectApply(handler as AnyFunction, target, [event, env, createExecutionContext(execution)]);
}

function entrypointTarget(entrypoint: string | null): unknown {
  if (entrypoint === null) return exports["default"];
  if (!Object.hasOwn(exports, entrypoint)) {
    const names = Object.keys(exports).filter(name => name !== "default");
    throw coded("no-such-entrypoint", `The worker has no entrypoint "${entrypoint}".`, names);
  }
  return exports[entrypoint];
}

function noHandler(name: string, entrypoint: string | null): Error {
  const where = entrypoint === null ? "The worker's default export" : `The entrypoint "${entrypoint}"`;
  return coded("no-such-handler", `${where} has no ${name}() handler.`, []);
}

function coded(code: string, message: string, choices: readonly string[]): Error {
  return Object.assign(new Error(message), { code, choices: choices.join(", ") });
}

/** Calls a function by its name: of the default export, of an entrypoint, or an export of its own. */
export async function invoke(
  execution: Execution,
  name: string,
  args: unknown[],
  entrypoint: string | null,
): Promise<unknown> {
  const target = entrypointTarget(entrypoint);
  if (isClass(target)) {
    const method = callable(target.prototype as object, name);
    if (method !== undefined) return method.apply(new target(createExecutionContext(execution), env), args);
  } else {
    const method = callable(target, name);
    if (method !== undefined) return method.call(target, env, ...args);
  }
  if (entrypoint === null && Object.hasOwn(exports, name) && name !== "default") {
    const exported = exports[name];
    if (typeof exported === "function" && !isClass(exported)) return (exported as AnyFunction)(env, ...args);
  }
  throw coded("no-such-function", `The worker has no function "${name}".`, functionNames(target, entrypoint));
}

/** An own or inherited method, but nothing that every object has. */
function callable(target: unknown, name: string): AnyFunction | undefined {
  if ((typeof target !== "object" && typeof target !== "function") || target === null) return undefined;
  if (name === "constructor" || (name in Object.prototype && !Object.hasOwn(target, name))) return undefined;
  if (typeof target === "function" && name in Function.prototype && !Object.hasOwn(target, name))
    return undefined;
  const value = (target as Record<string, unknown>)[name];
  return typeof value === "function" ? (value as AnyFunction) : undefined;
}

function functionNames(target: unknown, entrypoint: string | null): string[] {
  const names = new Set<string>();
  let object = isClass(target) ? (target.prototype as object) : (target as object | null | undefined);
  while (
    object !== null &&
    object !== undefined &&
    object !== Object.prototype &&
    object !== Function.prototype
  ) {
    for (const name of Object.getOwnPropertyNames(object)) {
      if (callable(object, name) !== undefined) names.add(name);
    }
    object = Object.getPrototypeOf(object) as object | null;
  }
  if (entrypoint === null) {
    for (const [name, value] of Object.entries(exports)) {
      if (name !== "default" && kindOf(value) === "function") names.add(name);
    }
  }
  return [...names];
}
