/** Calls of all that workers find, with arguments that nobody should pass. Runs inside the guest, from its source. */

/** A call, and what was wrong with what it threw. */
export type Complaint = readonly [call: string, what: string];

/** Calls the constructors, methods and setters of the interfaces, or the global functions; `group` picks which. */
export async function probeHostility(
  group: readonly string[],
): Promise<{ calls: number; complaints: Complaint[] }> {
  type Any = Record<PropertyKey, unknown>;
  type Call = (...args: unknown[]) => unknown;
  const scope = globalThis as unknown as Record<string, Call & Any & (new (...args: unknown[]) => Any)>;

  /** What hostile values throw when they are looked into; whoever calls must let it through. */
  const THROWN = { thrown: true };
  const thrower = () => {
    throw THROWN;
  };
  const traps: Any = {};
  for (const trap of Object.getOwnPropertyNames(Reflect)) traps[trap] = thrower;
  const values: Record<string, () => unknown> = {
    undefined: () => undefined,
    null: () => null,
    true: () => true,
    NaN: () => Number.NaN,
    "-1": () => -1,
    "2 ** 53": () => 2 ** 53,
    Infinity: () => Number.POSITIVE_INFINITY,
    "1n": () => 1n,
    '""': () => "",
    "a lone surrogate": () => "\ud800",
    text: () => "text",
    symbol: () => Symbol("s"),
    "{}": () => ({}),
    "[]": () => [],
    "[1]": () => [1],
    function: () => () => {},
    "object without prototype": () => Object.create(null) as object,
    "proxy that throws": () => new Proxy({}, traps),
    "function proxy that throws": () => new Proxy(() => {}, traps),
    "revoked proxy": () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
    "getters that throw": () => new Proxy({}, { get: thrower }),
    "conversions that throw": () => ({ toString: thrower, valueOf: thrower, [Symbol.toPrimitive]: thrower }),
    "iterator that throws": () => ({ [Symbol.iterator]: thrower }),
    "iterator that is a number": () => ({ [Symbol.iterator]: 5 }),
    "iterator without next": () => ({ [Symbol.iterator]: () => ({}) }),
    "iterator that is null": () => ({ [Symbol.iterator]: () => null }),
    "iterator of no results": () => ({ [Symbol.iterator]: () => ({ next: () => 1 }) }),
    thenable: () => new Proxy({}, { get: (_, key) => (key === "then" ? thrower : undefined) }),
    "detached bytes": () => {
      const bytes = new Uint8Array(4);
      structuredClone(bytes, { transfer: [bytes.buffer] });
      return bytes;
    },
    bytes: () => new Uint8Array([1, 2, 3]),
    DataView: () => new DataView(new ArrayBuffer(2)),
    "invalid date": () => new Date(Number.NaN),
    RegExp: () => /x/,
    Error: () => new RangeError("r"),
    class: () => class {},
  };

  const controllerOf = (Stream: string, source: object = {}) => {
    let controller: unknown;
    new (scope[Stream] as never as new (source: object) => object)({
      ...source,
      start: (given: unknown) => {
        controller = given;
      },
    });
    return controller;
  };
  const pair = () => new (scope["WebSocketPair"] as new () => Record<number, { accept(): void }>)();
  const construct = (name: string, ...args: unknown[]) =>
    new (scope[name] as never as new (...args: unknown[]) => Any)(...args);
  const makers: Record<string, () => unknown> = {
    AbortController: () => new AbortController(),
    AbortSignal: () => new AbortController().signal,
    Blob: () => new Blob(["abc"]),
    ByteLengthQueuingStrategy: () => new ByteLengthQueuingStrategy({ highWaterMark: 1 }),
    CloseEvent: () => construct("CloseEvent", "close"),
    CompressionStream: () => new CompressionStream("gzip"),
    CountQueuingStrategy: () => new CountQueuingStrategy({ highWaterMark: 1 }),
    Crypto: () => crypto,
    CustomEvent: () => new CustomEvent("x"),
    DOMException: () => new DOMException("m", "AbortError"),
    DecompressionStream: () => new DecompressionStream("gzip"),
    DigestStream: () =>
      new (crypto as never as Record<string, new (name: string) => object>)["DigestStream"]!("SHA-1"),
    ErrorEvent: () => construct("ErrorEvent", "x"),
    Event: () => new Event("x"),
    EventSource: () =>
      (scope["EventSource"] as never as { from(stream: ReadableStream): unknown }).from(new ReadableStream()),
    EventTarget: () => new EventTarget(),
    File: () => new File(["x"], "n"),
    FixedLengthStream: () => construct("FixedLengthStream", 5),
    FormData: () => {
      const form = new FormData();
      form.append("a", "b");
      return form;
    },
    HTMLRewriter: () => construct("HTMLRewriter"),
    Headers: () => new Headers({ a: "b" }),
    IdentityTransformStream: () => construct("IdentityTransformStream"),
    MessageChannel: () => new MessageChannel(),
    MessageEvent: () => new MessageEvent("message", { data: 1 }),
    MessagePort: () => new MessageChannel().port1,
    Navigator: () => navigator,
    Performance: () => performance,
    PerformanceMark: () => new PerformanceMark("m"),
    PerformanceObserver: () => new PerformanceObserver(() => {}),
    ReadableByteStreamController: () => controllerOf("ReadableStream", { type: "bytes" }),
    ReadableStream: () =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array(2));
          controller.close();
        },
      }),
    ReadableStreamBYOBReader: () => new ReadableStream({ type: "bytes" }).getReader({ mode: "byob" }),
    ReadableStreamDefaultController: () => controllerOf("ReadableStream"),
    ReadableStreamDefaultReader: () => new ReadableStream().getReader(),
    Request: () => new Request("http://x.test/", { method: "POST", body: "b" }),
    Response: () => new Response("b"),
    SubtleCrypto: () => crypto.subtle,
    TextDecoder: () => new TextDecoder(),
    TextDecoderStream: () => new TextDecoderStream(),
    TextEncoder: () => new TextEncoder(),
    TextEncoderStream: () => new TextEncoderStream(),
    TransformStream: () => new TransformStream(),
    TransformStreamDefaultController: () => controllerOf("TransformStream"),
    URL: () => new URL("http://a.test/b?c#d"),
    URLPattern: () => construct("URLPattern", { pathname: "/:a" }),
    URLSearchParams: () => new URLSearchParams("a=b"),
    WebSocket: () => {
      const { 0: socket } = pair();
      socket?.accept();
      return socket;
    },
    WebSocketPair: pair,
    WebSocketRequestResponsePair: () => construct("WebSocketRequestResponsePair", "a", "b"),
    WritableStream: () => new WritableStream(),
    WritableStreamDefaultController: () => controllerOf("WritableStream"),
    WritableStreamDefaultWriter: () => new WritableStream().getWriter(),
  };

  /** Words of the engines that say what our own code tripped over, and names that only it has. */
  const INTERNAL =
    /Cannot (?:read|set) propert|cannot (?:read|set) property|undefined is not|null is not|^not (?:a function|an object|iterable)$|cannot convert to object|Cannot convert undefined or null|Cannot destructure|Cannot use 'in'|invalid 'in'|Cannot assign to|no setter|is not defined$|not a constructor|before initialization|is not initialized|[Ii]nvalid array length|brand on object|Receiver must|private|#\w+ |guest|\bworker:|_[A-Z]\w+|^$/;
  const NAMES =
    /^(?:TypeError|RangeError|SyntaxError|Error|EvalError|AbortError|DataCloneError|DataError|InvalidAccessError|InvalidCharacterError|InvalidStateError|NotSupportedError|OperationError|QuotaExceededError|TimeoutError|TypeMismatchError)$/;
  const complaints: Complaint[] = [];
  let calls = 0;
  const PENDING = {};

  async function attempt(call: string, action: () => unknown): Promise<void> {
    calls++;
    try {
      const result = action();
      if (!(result instanceof Promise)) return;
      await Promise.race([result, new Promise(resolve => setTimeout(resolve, 1, PENDING))]);
    } catch (error) {
      if (error === THROWN) return;
      const what = complaintOf(error);
      if (what !== undefined) complaints.push([call, what]);
    }
  }

  function complaintOf(error: unknown): string | undefined {
    if (!(error instanceof Error)) return `threw ${typeof error}, which is no Error`;
    const text = `${error.name}: ${error.message}`;
    if (!NAMES.test(error.name) || typeof error.message !== "string") return text;
    return INTERNAL.test(error.message) ? text : undefined;
  }

  /** The argument lists that each hostile value is put into. */
  const lists = (make: () => unknown): unknown[][] => [
    [make()],
    ["text", make()],
    [{}, make()],
    [make(), make(), make()],
  ];

  async function attemptAll(call: string, action: (args: unknown[]) => unknown): Promise<void> {
    await attempt(`${call}()`, () => action([]));
    for (const [name, make] of Object.entries(values)) {
      const count = lists(make).length;
      for (let index = 0; index < count; index++) {
        await attempt(`${call}, list ${index}, ${name}`, () => action(lists(make)[index] as unknown[]));
      }
    }
  }

  for (const name of group) {
    const make = makers[name];
    if (make === undefined) {
      const target = name === "console" || name === "scheduler" ? (scope[name] as Any) : scope;
      const keys = target === scope ? [name] : Object.keys(target);
      for (const key of target["wait"] === undefined ? keys : ["wait"]) {
        await attemptAll(`${name}.${key}`, args => {
          const handle = (target[key] as Call).apply(target, args);
          if (key === "setInterval") clearInterval(handle as never);
          return handle;
        });
      }
      continue;
    }
    const Class = (name === "DigestStream" ? crypto : scope)[name as never] as Any &
      (new (
        ...args: unknown[]
      ) => Any);
    await attemptAll(`new ${name}`, args => new Class(...args));
    for (const key of Object.getOwnPropertyNames(Class)) {
      const member = Class[key];
      if (typeof member === "function") await attemptAll(`${name}.${key}`, args => member.apply(Class, args));
    }
    const prototype = Class["prototype"] as object;
    for (const [key, { value, set }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (key === "constructor") continue;
      if (typeof value === "function")
        await attemptAll(`${name}.prototype.${key}`, args => value.apply(make(), args));
      if (set === undefined) continue;
      for (const [kind, given] of Object.entries(values)) {
        await attempt(`${name}.prototype.${key} = ${kind}`, () => Reflect.apply(set, make(), [given()]));
      }
    }
  }
  return { calls, complaints };
}
