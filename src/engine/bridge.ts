/**
 * The host's end of the boundary for one isolate: events in, ops out, and the account of turns.
 *
 * It knows when the guest can never answer (nothing runs, and nothing it waits for is left), how long the turn that
 * runs now has been running and for which event, and fails every waiter when the isolate is gone.
 */

import { monotonicNow } from "../monotonic.ts";
import type { Isolate, IsolateExit, IsolateHost } from "./engine.ts";
import { GuestError, toWireError } from "./errors.ts";
import type { OpContext, OpTable } from "./ops.ts";
import { answerSync, parseSyncRequest, type SyncOp } from "./sync-ops.ts";
import { type Inbound, type Outbound, pack, unpack, type WireError, type WireValue } from "./wire.ts";

export interface OpTables {
  readonly async: OpTable;
  readonly sync: OpTable;
  readonly notices: OpTable;
  readonly pure: Readonly<Record<string, SyncOp>>;
}

/** What the bridge tells its owner. */
export interface BridgeOwner {
  /** The context of an event for its ops; event 0 is the loading of the worker. */
  contextOf(event: number): OpContext | undefined;
  /** An event was answered; `waiting` tells whether waitUntil keeps it alive. */
  onDone(event: number, result: unknown, waiting: boolean): void;
  onFailed(event: number, error: GuestError, waiting: boolean): void;
  /** All that the event waited for after its answer has settled. */
  onWaited(event: number): void;
  onLoaded(description: WireValue): void;
  onLoadFailed(error: GuestError): void;
  /** A rejection that nobody handled, in a turn of this event. */
  onUncaught(event: number, error: WireError): void;
  /** A turn is over; `cpu` is in milliseconds. */
  onTurn(event: number, cpu: number): void;
  /** Nothing runs and nothing is awaited: what has not been answered by now never will be. */
  onIdle(): void;
  onExit(exit: IsolateExit): void;
}

interface Turn {
  readonly event: number;
  /** The turn tells the guest of a rejection: one that comes of it is told to nobody but the log. */
  readonly tellsRejection: boolean;
  startedAt: number;
}

/** A view would drag all of its buffer across, which may be far larger: Node cuts small chunks from large slabs. */
function wholeBuffer(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

export class Bridge implements IsolateHost {
  readonly #ops: OpTables;
  readonly #owner: BridgeOwner;
  #isolate: Isolate | undefined;
  /** Turns handed to the isolate and not finished; the first is the one that runs. */
  readonly #turns: Turn[] = [];
  #firstTurn = 0;
  #pendingOps = 0;
  #closed = false;
  #loaded = false;

  constructor(ops: OpTables, owner: BridgeOwner) {
    this.#ops = ops;
    this.#owner = owner;
  }

  attach(isolate: Isolate): void {
    this.#isolate = isolate;
  }

  /** The turn that runs now, as far as has been heard: its event and how long it has been running, in milliseconds. */
  get running():
    | { readonly turn: object; readonly event: number; readonly milliseconds: number }
    | undefined {
    const turn = this.#turns[this.#firstTurn];
    return turn && { turn, event: turn.event, milliseconds: monotonicNow() - turn.startedAt };
  }

  get idle(): boolean {
    return this.#firstTurn === this.#turns.length && this.#pendingOps === 0;
  }

  startEvent(id: number, type: string, args: readonly unknown[]): void {
    const packed = pack(args);
    const value = packed.value as WireValue[];
    if (packed.at === undefined || packed.at === -1)
      this.#enter(id, ["event", id, type, value], packed.bytes);
    else this.#enter(id, ["event", id, type, value, packed.at], packed.bytes);
  }

  abortEvent(id: number, reason: string): void {
    this.#enter(id, ["abort", id, reason], []);
  }

  setUp(settings: WireValue): void {
    this.#enter(0, ["load", settings], []);
  }

  /** Forgets the isolate: nothing of what its guest still does is heard. */
  close(): void {
    this.#closed = true;
  }

  #enter(event: number, message: Inbound, bytes: readonly Uint8Array[]): void {
    if (this.#closed) return;
    this.#turns.push({ event, startedAt: monotonicNow(), tellsRejection: message[0] === "rejection" });
    this.#isolate?.enter(JSON.stringify(message), bytes.length === 0 ? bytes : bytes.map(wholeBuffer));
  }

  onMessages(text: string, bytes: readonly Uint8Array[]): void {
    if (this.#closed) return;
    const cursor = { next: 0 };
    for (const message of JSON.parse(text) as Outbound[]) this.#receive(message, bytes, cursor);
  }

  #receive(message: Outbound, bytes: readonly Uint8Array[], cursor: { next: number }): void {
    switch (message[0]) {
      case "done":
        this.#owner.onDone(message[1], unpack(message[2], message[3], bytes, cursor), message[4]);
        break;
      case "call":
        this.#call(
          message[1],
          message[2],
          message[3],
          unpack(message[4], message[5], bytes, cursor) as never[],
        );
        break;
      case "notify":
        this.#notice(message[1], message[2], unpack(message[3], message[4], bytes, cursor) as never[]);
        break;
      case "failed":
        this.#owner.onFailed(message[1], new GuestError(message[2]), message[3]);
        break;
      case "waited":
        this.#owner.onWaited(message[1]);
        break;
      case "loaded":
        this.#loaded = true;
        this.#owner.onLoaded(message[1]);
        break;
      case "load-failed":
        this.#owner.onLoadFailed(new GuestError(message[1]));
        break;
    }
  }

  #call(call: number, event: number, op: string, args: never[]): void {
    const context = this.#owner.contextOf(event);
    const perform = this.#ops.async[op];
    // An event that is over owns nothing any more: its late calls are never answered, as on workerd.
    if (context === undefined) return;
    this.#pendingOps++;
    let outcome: unknown;
    try {
      if (perform === undefined) throw new TypeError(`There is no op "${op}".`);
      outcome = perform(context, ...args);
    } catch (error) {
      this.#settle(event, ["fail", call, toWireError(error)], []);
      return;
    }
    if (outcome instanceof Promise) {
      outcome.then(
        value => this.#fulfil(event, call, value),
        error => this.#settle(event, ["fail", call, toWireError(error)], []),
      );
    } else {
      this.#fulfil(event, call, outcome);
    }
  }

  #fulfil(event: number, call: number, value: unknown): void {
    const packed = pack(value);
    if (packed.at === undefined) this.#settle(event, ["settle", call, packed.value], packed.bytes);
    else this.#settle(event, ["settle", call, packed.value, packed.at], packed.bytes);
  }

  #settle(event: number, message: Inbound, bytes: readonly Uint8Array[]): void {
    this.#pendingOps--;
    if (this.#owner.contextOf(event) !== undefined) this.#enter(event, message, bytes);
    else this.#checkIdle();
  }

  #notice(event: number, op: string, args: never[]): void {
    const context = this.#owner.contextOf(event) ?? this.#owner.contextOf(0);
    const perform = this.#ops.notices[op];
    if (context === undefined || perform === undefined) return;
    try {
      perform(context, ...args);
    } catch (error) {
      this.#owner.onUncaught(event, toWireError(error));
    }
  }

  callSync(text: string, bytes: readonly Uint8Array[]): string | Uint8Array {
    return answerSync(() => {
      const { event, op, args } = parseSyncRequest(text, bytes);
      const pure = this.#ops.pure[op];
      if (pure !== undefined) return pure(...(args as never[]));
      const perform = this.#ops.sync[op];
      const context = this.#owner.contextOf(event);
      if (perform === undefined || context === undefined) throw new TypeError(`There is no op "${op}".`);
      return perform(context, ...(args as never[]));
    });
  }

  onTurnEnd(cpu: number, uncaught: WireError | undefined): void {
    if (this.#closed) return;
    const turn = this.#takeTurn();
    if (turn === undefined) return;
    const next = this.#turns[this.#firstTurn];
    if (next !== undefined) next.startedAt = monotonicNow();
    if (uncaught !== undefined) this.#rejected(turn, uncaught);
    this.#owner.onTurn(turn.event, cpu);
    this.#checkIdle();
  }

  /** While the worker is loaded a rejection is its failure; afterwards the guest is told, and may handle it. */
  #rejected({ event, tellsRejection }: Turn, error: WireError): void {
    if (tellsRejection || (event === 0 && !this.#loaded)) this.#owner.onUncaught(event, error);
    else this.#enter(event, ["rejection", event, error], []);
  }

  /** The first of a queue that is compacted now and then, so that taking from it costs nothing. */
  #takeTurn(): Turn | undefined {
    const turn = this.#turns[this.#firstTurn];
    if (turn === undefined) return undefined;
    this.#firstTurn++;
    if (this.#firstTurn === this.#turns.length) {
      this.#turns.length = 0;
      this.#firstTurn = 0;
    } else if (this.#firstTurn > 1024) {
      this.#turns.splice(0, this.#firstTurn);
      this.#firstTurn = 0;
    }
    return turn;
  }

  #checkIdle(): void {
    if (this.idle && !this.#closed) this.#owner.onIdle();
  }

  onExit(exit: IsolateExit): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#owner.onExit(exit);
  }
}
