/** The guest's only way in: one message a turn, from the host. The whole library hangs off this file. */
import "./engine-gaps/dispose-symbols.ts";

import { eventHandlers } from "../bindings/guests.ts";
import type { WorkerSettings } from "../bindings/worker/contract.ts";
import { type Inbound, pack, unpack, type WireError } from "../engine/wire.ts";
import { abandonStreams } from "../web/streams/guest/transfer.ts";
import { describeError } from "./errors.ts";
import { enterEvent } from "./event-context.ts";
import { abortExecution, beginExecution, type Execution, endExecution } from "./execution.ts";
import { installGlobals } from "./global-scope.ts";
import { fail, ownerOf, send, settle } from "./host.ts";
import { JSONParse, PromiseThen } from "./primordials.ts";
import { settleForeignRejection, settleRejection } from "./rejections.ts";
import { builtins, register, setUp } from "./worker.ts";

const NO_BYTES: readonly Uint8Array[] = [];

function enter(text: string, ...buffers: (ArrayBuffer | Uint8Array)[]): void {
  const message = JSONParse(text) as Inbound;
  const bytes = buffers.length === 0 ? NO_BYTES : buffers.map(asBytes);
  switch (message[0]) {
    case "event":
      enterEvent(message[1]);
      dispatch(message[1], message[2], unpack(message[3], message[4], bytes, { next: 0 }) as unknown[]);
      break;
    case "settle":
      enterEvent(ownerOf(message[1]));
      settle(message[1], message[2], message[3], bytes);
      break;
    case "fail":
      enterEvent(ownerOf(message[1]));
      fail(message[1], message[2]);
      break;
    case "abort":
      enterEvent(message[1]);
      abortExecution(message[1], message[2]);
      abandonStreams(message[1]);
      break;
    case "rejection":
      enterEvent(message[1]);
      settleForeignRejection(message[2]);
      break;
    case "load":
      enterEvent(0);
      setUp(message[1] as unknown as WorkerSettings);
      break;
  }
}

const asBytes = (buffer: ArrayBuffer | Uint8Array) =>
  buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : buffer;

function dispatch(id: number, type: string, args: unknown[]): void {
  const execution = beginExecution(id);
  let outcome: Promise<unknown>;
  try {
    const handler = eventHandlers[type];
    if (handler === undefined) throw new TypeError(`no guest handler for the event "${type}"`);
    outcome = handler(execution, args);
  } catch (error) {
    finishWith(execution, error);
    return;
  }
  PromiseThen(
    outcome,
    value => {
      const packed = pack(value);
      send(["done", id, packed.value, packed.at ?? null, endExecution(execution)], packed.bytes);
    },
    error => finishWith(execution, error),
  );
}

function finishWith(execution: Execution, error: unknown): void {
  send(["failed", execution.id, describeError(error) satisfies WireError, endExecution(execution)], NO_BYTES);
}

/** Takes the library's name off the global object, for which it has no further use. */
function seal(): void {
  delete (globalThis as { __guest?: unknown }).__guest;
}

/** What an engine finds when the library has been evaluated. `register` and `builtins` serve the loader's modules. */
Object.defineProperty(globalThis, "__guest", {
  value: { enter, register, builtins, settleRejection, seal },
  configurable: true,
});

installGlobals();
