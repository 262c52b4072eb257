/** One isolate with one worker in it, and the events that it is handling: each event's life, the same on both engines. */
import type { WorkerDescription, WorkerSettings } from "../bindings/worker/contract.ts";
import { Bridge, type BridgeOwner, type OpTables } from "../engine/bridge.ts";
import type { Engine, Isolate, IsolateExit } from "../engine/engine.ts";
import { GuestError, toWireError } from "../engine/errors.ts";
import type { Answer, Dispatch, EventEnd, OpContext } from "../engine/ops.ts";
import type { Program } from "../engine/program.ts";
import type { WireError, WireValue } from "../engine/wire.ts";
import { monotonicNow } from "../monotonic.ts";
import { StreamTable } from "../web/streams/host.ts";
import { EventContext, type EventSurroundings } from "./event-context.ts";
import {
  cpuLimitExceeded,
  failureOfExit,
  failureOfGuest,
  isolateLost,
  loadTimeExceeded,
  neverAnswers,
  neverLoads,
  timeLimitExceeded,
} from "./event-error.ts";
import type { Limits } from "./limits.ts";
import { wakeWatchdog, watch } from "./watchdog.ts";

/** How long the turn of an event that is out of time may go on before the isolate counts as stuck. */
const OVERRUN_MS = 50;

/** A worker as an instance needs it. */
export interface WorkerDefinition {
  readonly program: Program;
  readonly settings: Omit<WorkerSettings, "seed">;
  readonly limits: Limits;
}

/** What an instance is given by its surroundings. */
export interface InstanceServices {
  readonly engine: Engine;
  readonly ops: OpTables;
  resource(type: string, name: string): unknown;
  writeConsole(level: string, text: string): void;
  /** An exception that no client hears of: in waitUntil, or a rejection that nobody handled. */
  reportUncaught(error: WireError, where: string): void;
  now(): number;
}

interface Pending {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** 32 hexadecimal digits. For `Math.random`, which promises no secrecy. */
function randomSeed(): string {
  const digits = () =>
    Math.floor(Math.random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, "0");
  return digits() + digits() + digits() + digits();
}

export class Instance implements BridgeOwner {
  readonly limits: Limits;
  readonly #services: InstanceServices;
  readonly #bridge: Bridge;
  readonly #surroundings: EventSurroundings;
  readonly #events = new Map<number, EventContext>();
  readonly #pending = new Map<number, Pending>();
  #isolate: Isolate | undefined;
  #lastEvent = 0;
  #unwatch: () => void = () => {};
  #gone = false;
  #drained: (() => void) | undefined;
  #loading: { resolve(description: WorkerDescription): void; reject(error: Error): void } | undefined;
  #loadDeadline = Number.POSITIVE_INFINITY;
  #evaluated = false;
  /** The turn that was found to be stuck at the last look. */
  #suspect: object | undefined;
  /** Called once, when the isolate is gone and was not told to go. */
  onLost: (() => void) | undefined;

  private constructor(definition: WorkerDefinition, services: InstanceServices) {
    this.limits = definition.limits;
    this.#services = services;
    this.#bridge = new Bridge(services.ops, this);
    this.#surroundings = {
      limits: definition.limits,
      streams: new StreamTable(),
      resource: services.resource,
      writeConsole: services.writeConsole,
      reportUncaught: services.reportUncaught,
      now: services.now,
      onLetGo: context => this.#endIfOver(context),
    };
    this.#events.set(0, new EventContext(0, this.#surroundings, this.limits.wallMilliseconds));
  }

  /** Opens an isolate and evaluates the worker in it. Rejects with a GuestError when the worker's own code fails. */
  static async start(
    definition: WorkerDefinition,
    services: InstanceServices,
  ): Promise<{ instance: Instance; description: WorkerDescription }> {
    const instance = new Instance(definition, services);
    const isolate = await services.engine.open(definition.limits, instance.#bridge);
    instance.#isolate = isolate;
    instance.#bridge.attach(isolate);
    instance.#unwatch = watch(instance);
    const loaded = new Promise<WorkerDescription>((resolve, reject) => {
      instance.#loading = { resolve, reject };
    });
    const settings: WorkerSettings = { ...definition.settings, seed: randomSeed() };
    instance.#bridge.setUp(settings as unknown as WireValue);
    instance.#loadDeadline = monotonicNow() + definition.limits.wallMilliseconds;
    isolate.load(definition.program).then(
      () => instance.#evaluatedModules(),
      error => instance.#loading?.reject(error),
    );
    try {
      const description = await loaded;
      instance.#loading = undefined;
      return { instance, description };
    } catch (error) {
      instance.#loading = undefined;
      instance.dispose();
      throw error;
    }
  }

  /** The modules have run. What they had to say has arrived when a turn that is begun now is over. */
  #evaluatedModules(): void {
    this.#evaluated = true;
    if (this.#loading !== undefined) this.#bridge.abortEvent(0, "");
  }

  get inFlight(): number {
    return this.#events.size - 1;
  }

  get gone(): boolean {
    return this.#gone;
  }

  readonly dispatch: Dispatch = (type, prepare, onStart) => {
    if (this.#gone) return Promise.reject(isolateLost("the worker was stopped"));
    const id = ++this.#lastEvent;
    const context = new EventContext(id, this.#surroundings, this.#wallMillisecondsOf(type));
    this.#events.set(id, context);
    wakeWatchdog();
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#bridge.startEvent(id, type, prepare(context));
      onStart?.(reason => this.#abort(id, reason));
    });
  };

  #wallMillisecondsOf(type: string): number {
    return type === "scheduled" ? this.limits.scheduledMilliseconds : this.limits.wallMilliseconds;
  }

  #abort(id: number, reason: string): void {
    if (this.#events.has(id)) this.#bridge.abortEvent(id, reason);
  }

  /** Whether an event is in flight that will end by itself: one that only a connection keeps alive may never. */
  get #busy(): boolean {
    for (const context of this.#events.values()) if (context.event !== 0 && !context.atRest) return true;
    return false;
  }

  /** Takes no notice of anything new, waits for the events in flight, at most `milliseconds`, and ends. */
  async retire(milliseconds: number, how: EventEnd["how"] = "stopped"): Promise<void> {
    if (this.#busy && !this.#gone) {
      const timer = setTimeout(() => this.#drained?.(), milliseconds);
      await new Promise<void>(resolve => {
        this.#drained = resolve;
      });
      clearTimeout(timer);
    }
    this.dispose(how);
  }

  dispose(how: EventEnd["how"] = "stopped"): void {
    this.#end(isolateLost("the worker was stopped"), how);
    this.#isolate?.dispose();
  }

  // What the bridge tells.

  contextOf(event: number): OpContext | undefined {
    return this.#events.get(event);
  }

  onDone(event: number, result: unknown, waiting: boolean): void {
    const context = this.#events.get(event);
    const pending = this.#pending.get(event);
    if (context === undefined) return;
    context.answered = true;
    context.waiting = waiting;
    context.deadline = waiting ? monotonicNow() + context.wallMilliseconds : Number.POSITIVE_INFINITY;
    if (pending === undefined) {
      this.#endIfOver(context);
      return;
    }
    this.#pending.delete(event);
    context.held = true;
    pending.resolve({
      result,
      context,
      release: () => {
        context.held = false;
        this.#endIfOver(context);
      },
    });
  }

  onFailed(event: number, error: GuestError, waiting: boolean): void {
    const context = this.#events.get(event);
    if (context === undefined) return;
    context.waiting = waiting;
    if (waiting) context.deadline = monotonicNow() + context.wallMilliseconds;
    this.#fail(context, failureOfGuest(error));
  }

  onWaited(event: number): void {
    const context = this.#events.get(event);
    if (context === undefined) return;
    context.waiting = false;
    context.deadline = Number.POSITIVE_INFINITY;
    this.#endIfOver(context);
  }

  onLoaded(description: WireValue): void {
    const loading = this.#loading;
    this.#loading = undefined;
    loading?.resolve(description as unknown as WorkerDescription);
  }

  onLoadFailed(error: GuestError): void {
    this.#loading?.reject(error);
  }

  onUncaught(event: number, error: WireError): void {
    if (this.#loading !== undefined && event === 0) this.#loading.reject(new GuestError(error));
    else this.#services.reportUncaught(error, "a promise that nobody handled");
  }

  onTurn(event: number, cpu: number): void {
    const context = this.#events.get(event);
    if (context !== undefined) context.cpuMilliseconds += cpu;
  }

  /** Whatever the worker still waits for can only be what it would have to do itself. */
  onIdle(): void {
    if (this.#loading !== undefined) {
      if (this.#evaluated) this.#loading.reject(neverLoads());
      return;
    }
    for (const context of this.#events.values()) {
      if (context.event === 0) continue;
      if (!context.answered && !context.awaitsClient) this.#fail(context, neverAnswers());
      else if (context.answered && context.waiting) this.onWaited(context.event);
    }
  }

  onExit(exit: IsolateExit): void {
    const failure = failureOfExit(exit, this.limits);
    this.#loading?.reject(failure);
    this.#end(failure, "lost");
    this.onLost?.();
  }

  // What the watchdog asks.

  /** A turn may go on when its event is over. */
  get idle(): boolean {
    return this.inFlight === 0 && this.#loading === undefined && this.#bridge.running === undefined;
  }

  /** Ends what has gone on for too long. Called every few milliseconds while the instance lives. */
  check(now: number): void {
    if (this.#loading !== undefined && now >= this.#loadDeadline)
      this.#loading.reject(loadTimeExceeded(this.limits));
    const running = this.#bridge.running;
    const failure = running && this.#limitMet(running.event, running.milliseconds, now);
    if (running !== undefined && failure !== undefined) {
      // On a busy machine the turn's end may be among what this thread has not heard yet: then another is to blame.
      if (this.#suspect === running.turn || this.#isOverCpu(running.event, 0)) {
        this.#endStuck(running.event, failure);
        return;
      }
      this.#suspect = running.turn;
    }
    for (const context of this.#events.values()) {
      // Told of its time limit while its turn runs, a client would send its next request into a stuck isolate.
      if (context.event === 0 || context.event === running?.event || now < context.deadline) continue;
      if (!context.answered) this.#fail(context, timeLimitExceeded(context.wallMilliseconds));
      else if (context.waiting) {
        this.#services.reportUncaught(
          {
            name: "Error",
            message: "the promises given to waitUntil() did not settle in time and were cancelled",
          },
          "waitUntil",
        );
        this.onWaited(context.event);
      }
    }
  }

  /** The limit that a turn which has been running for so long has met, as its event is told of it. */
  #limitMet(event: number, milliseconds: number, now: number): Error | undefined {
    if (this.#isOverCpu(event, milliseconds)) return cpuLimitExceeded(this.limits);
    const context = this.#events.get(event);
    const overdue =
      event !== 0 && context !== undefined && now >= context.deadline && milliseconds >= OVERRUN_MS;
    const wallMilliseconds = context?.wallMilliseconds ?? this.limits.wallMilliseconds;
    return overdue || milliseconds >= wallMilliseconds ? timeLimitExceeded(wallMilliseconds) : undefined;
  }

  #isOverCpu(event: number, milliseconds: number): boolean {
    const used = (this.#events.get(event)?.cpuMilliseconds ?? 0) + milliseconds;
    return event !== 0 && used > this.limits.cpuMilliseconds;
  }

  /** A turn that will not end holds up everything in the isolate: the isolate goes, its event is told why. */
  #endStuck(event: number, failure: Error): void {
    const context = this.#events.get(event);
    this.#loading?.reject(failure);
    if (context !== undefined && event !== 0) {
      if (context.answered) this.#services.reportUncaught(toWireError(failure), "waitUntil");
      this.#fail(context, failure);
    }
    this.#end(isolateLost("another event exceeded its limit"), "lost");
    this.#isolate?.dispose();
    this.onLost?.();
  }

  #fail(context: EventContext, error: Error): void {
    context.answered = true;
    const pending = this.#pending.get(context.event);
    this.#pending.delete(context.event);
    pending?.reject(error);
    this.#endIfOver(context);
  }

  #endIfOver(context: EventContext): void {
    if (context.over && this.#events.delete(context.event)) context.end();
    if (this.#drained !== undefined && !this.#busy) this.#drained();
  }

  #end(error: Error, how: EventEnd["how"]): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#unwatch();
    this.#bridge.close();
    for (const [id, pending] of this.#pending) {
      this.#pending.delete(id);
      pending.reject(error);
    }
    const contexts = [...this.#events.values()];
    this.#events.clear();
    for (const context of contexts) context.end(how);
    this.#surroundings.streams.destroyAll(error);
    this.#drained?.();
  }
}
