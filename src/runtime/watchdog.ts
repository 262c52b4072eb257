/** One timer for all instances of the process: limits of time are checked here, not by a timer per event. */
import { monotonicNow } from "../monotonic.ts";

const INTERVAL_MS = 10;
/** After so many checks in a row in which there was nothing to see the timer rests: a server at rest costs nothing. */
const CHECKS_BEFORE_REST = 20;

interface Watched {
  /** Nothing is in flight and nothing runs: there is no limit that could be met. */
  readonly idle: boolean;
  check(now: number): void;
}

const watched = new Set<Watched>();
let timer: NodeJS.Timeout | undefined;
let idleChecks = 0;

/** Has `check` called every few milliseconds while there is something to check, until the function returned is called. */
export function watch(instance: Watched): () => void {
  watched.add(instance);
  wakeWatchdog();
  return () => {
    watched.delete(instance);
    if (watched.size === 0) rest();
  };
}

/** To be called when something begins in an instance that is watched. */
export function wakeWatchdog(): void {
  idleChecks = 0;
  timer ??= setInterval(checkAll, INTERVAL_MS).unref();
}

function rest(): void {
  clearInterval(timer);
  timer = undefined;
}

function checkAll(): void {
  const now = monotonicNow();
  let idle = true;
  for (const instance of watched) {
    instance.check(now);
    idle &&= instance.idle;
  }
  if (!idle) idleChecks = 0;
  else if (++idleChecks >= CHECKS_BEFORE_REST) rest();
}
