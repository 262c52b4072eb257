/** One timer for all instances of the process: limits of time are checked here, not by a timer per event. */
import { monotonicNow } from "../monotonic.ts";

const INTERVAL_MS = 10;

interface Watched {
  readonly inFlight: number;
  check(now: number): void;
}

const watched = new Set<Watched>();
let timer: NodeJS.Timeout | undefined;

/** Has `check` called every few milliseconds, until the function returned is called. */
export function watch(instance: Watched): () => void {
  watched.add(instance);
  timer ??= setInterval(checkAll, INTERVAL_MS).unref();
  return () => {
    watched.delete(instance);
    if (watched.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function checkAll(): void {
  const now = monotonicNow();
  for (const instance of watched) instance.check(now);
}
