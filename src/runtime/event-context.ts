/** What an event owns on the host: its streams, its signal, its counts. All of it ends with the event. */
import { EventEnd, type OpContext } from "../engine/ops.ts";
import type { WireError } from "../engine/wire.ts";
import { monotonicNow } from "../monotonic.ts";
import { StreamTable } from "../web/streams/host.ts";
import { subrequestLimitExceeded } from "./event-error.ts";
import type { Limits } from "./limits.ts";

/** What an isolate's events share. */
export interface EventSurroundings {
  readonly limits: Limits;
  /** All handles of the isolate; each event has a child of it. */
  readonly streams: StreamTable;
  resource(type: string, name: string): unknown;
  writeConsole(level: string, text: string): void;
  reportUncaught(error: WireError, where: string): void;
  now(): number;
  /** Something that kept the event alive is over. */
  onLetGo(context: EventContext): void;
}

export class EventContext implements OpContext {
  readonly event: number;
  /** How long the event may take to answer, and again for what follows its answer. */
  readonly wallMilliseconds: number;
  /** When the event must have answered, or when what follows its answer must be over: by `monotonicNow()`. */
  deadline: number;
  cpuMilliseconds = 0;
  answered = false;
  /** Whether `waitUntil` promises are pending. */
  waiting = false;
  /** Whether the worker listens for its client's going away. */
  awaitsClient = false;
  /** Whether somebody still reads what the event answered with. */
  held = false;
  readonly #surroundings: EventSurroundings;
  #subrequests = 0;
  /** How many connections keep the event alive. */
  #connections = 0;
  #abort: AbortController | undefined;
  #streams: StreamTable | undefined;

  constructor(event: number, surroundings: EventSurroundings, wallMilliseconds: number) {
    this.event = event;
    this.#surroundings = surroundings;
    this.wallMilliseconds = wallMilliseconds;
    this.deadline = monotonicNow() + wallMilliseconds;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  keepOpen(): () => void {
    this.#connections++;
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      this.#connections--;
      this.#surroundings.onLetGo(this);
    };
  }

  renewCpuTime(): void {
    this.cpuMilliseconds = 0;
  }

  get streams(): StreamTable {
    this.#streams ??= new StreamTable(this.#surroundings.streams);
    return this.#streams;
  }

  resource<T>(type: string, name: string): T {
    return this.#surroundings.resource(type, name) as T;
  }

  countSubrequest(): void {
    if (++this.#subrequests > this.#surroundings.limits.subrequests) {
      throw subrequestLimitExceeded(this.#surroundings.limits);
    }
  }

  awaitClient(): void {
    this.awaitsClient = true;
  }

  writeConsole(level: string, text: string): void {
    this.#surroundings.writeConsole(level, text);
  }

  reportUncaught(error: WireError, where: string): void {
    this.#surroundings.reportUncaught(error, where);
  }

  now(): number {
    return this.#surroundings.now();
  }

  /** Nothing that ends by itself is left of the event; connections may be. */
  get atRest(): boolean {
    return this.answered && !this.waiting && !this.held;
  }

  /** Nothing keeps the event alive any longer. */
  get over(): boolean {
    return this.atRest && this.#connections === 0;
  }

  end(how: EventEnd["how"] = "done"): void {
    this.#abort?.abort(new EventEnd(how));
    this.#streams?.destroyAll();
  }
}
