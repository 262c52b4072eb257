/** Two connections joined: what one sends the other gets. The worker that joined them takes no further part. */
import type { RawData } from "ws";
import type { Connection } from "./connection.ts";
import type { WireMessage } from "./contract.ts";
import { bytesOf } from "./host-socket.ts";
import { webSocketLimits } from "./limits.ts";

/** Relays in both directions; `inbox` has arrived from `one` already. Calls `onClose` when both are closed. */
export function relay(
  one: Connection,
  inbox: readonly WireMessage[],
  other: Connection,
  onClose: () => void,
): void {
  let open = 2;
  const closed = () => {
    if (--open === 0) onClose();
  };
  for (const message of inbox) {
    if (Array.isArray(message)) other.sendClose(message[0], message[1]);
    else other.send(message as string | Uint8Array, { binary: typeof message !== "string" });
  }
  pass(one, other, closed);
  pass(other, one, closed);
  if (one.readyState !== one.CLOSED) {
    one.resume();
    return;
  }
  // It was closed before anybody listened: what it had to say is in the inbox.
  closed();
  if (!inbox.some(Array.isArray)) other.terminate();
}

function pass(from: Connection, to: Connection, onClose: () => void): void {
  let closing = false;
  from.on("message", (data: RawData, binary: boolean) => {
    to.send(bytesOf(data), { binary }, () => {
      if (from.isPaused && to.bufferedAmount < webSocketLimits.waitingBytes) from.resume();
    });
    if (to.bufferedAmount >= webSocketLimits.waitingBytes) from.pause();
  });
  from.on("closing", (code: number, reason: string) => {
    closing = true;
    to.sendClose(code, reason);
  });
  from.on("error", () => to.terminate());
  from.on("close", () => {
    // Whoever breaks off without a close frame leaves the other side without one.
    if (!closing) to.terminate();
    onClose();
  });
}
