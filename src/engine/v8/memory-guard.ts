/**
 * Ends isolates that take memory faster than V8 can refuse it.
 *
 * isolated-vm's limit is checked when V8 collects garbage; code that allocates large blocks gets far beyond it first.
 * The guard watches the memory of the whole process while guest code runs, and blames the longest turn.
 *
 * A native call goes on in an isolate that was disposed of, until it has ended, and may take memory all the while. As
 * long as such a turn is the longest, it is to blame, and nobody else is ended for it.
 */
import { monotonicNow } from "../../monotonic.ts";

/** How far the process may grow beyond an isolate's own limit while it runs. */
const SLACK_BYTES = 256 * 1024 * 1024;
const INTERVAL_MS = 20;

interface Guarded {
  readonly memoryBytes: number;
  /** It was disposed of: its turns end as soon as they can. */
  readonly exited: boolean;
}

interface Busy {
  turns: number;
  since: number;
  readonly end: () => void;
}

export class MemoryGuard {
  readonly #busy = new Map<Guarded, Busy>();
  #timer: NodeJS.Timeout | undefined;
  #baseline = 0;

  /** A turn of `isolate` was started; `end` is called when it must not go on. Returns how many of its turns are under way. */
  enter(isolate: Guarded, end: () => void): number {
    const busy = this.#busy.get(isolate);
    if (busy !== undefined) {
      busy.turns++;
      return busy.turns;
    }
    this.#busy.set(isolate, { turns: 1, since: monotonicNow(), end });
    if (this.#timer === undefined) {
      this.#baseline = 0;
      this.#timer = setInterval(() => this.#check(), INTERVAL_MS);
    }
    return 1;
  }

  leave(isolate: Guarded): void {
    const busy = this.#busy.get(isolate);
    if (busy === undefined) return;
    busy.turns--;
    busy.since = monotonicNow();
    if (busy.turns === 0) this.#busy.delete(isolate);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#busy.clear();
  }

  #check(): void {
    if (this.#busy.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const resident = process.memoryUsage.rss();
    if (this.#baseline === 0 || resident < this.#baseline) this.#baseline = resident;
    const longest = [...this.#busy].sort((a, b) => a[1].since - b[1].since)[0];
    if (longest === undefined) return;
    const [isolate, { end }] = longest;
    if (isolate.exited) this.#baseline = resident;
    if (resident - this.#baseline < isolate.memoryBytes + SLACK_BYTES) return;
    end();
  }
}
