import { monotonicNow } from "../../monotonic.ts";

/** How long the host's thread looks out for the guest's next message before it sleeps. */
const LOOKOUT_MS = 0.05;

let until = 0;
let looking = false;

/**
 * Keeps the host's thread awake for a moment: a guest that has been given what it waited for most often asks for the next
 * thing sooner than the system wakes a thread. The event loop goes on as ever.
 */
export function lookOut(): void {
  until = monotonicNow() + LOOKOUT_MS;
  if (looking) return;
  looking = true;
  setImmediate(look);
}

function look(): void {
  if (monotonicNow() < until) {
    setImmediate(look);
    return;
  }
  looking = false;
}
