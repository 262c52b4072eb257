/** Time as a parameter: whatever expires or fires takes a clock, so that a test can set it. */

/** Tells the time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** A clock that can also wake its owner. */
export interface AlarmClock extends Clock {
  /** Calls back once, not before `milliseconds` have passed. Returns what takes the call back. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** The machine's own clock. An alarm that is set keeps the process alive. */
export const systemClock: AlarmClock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};
