export interface TimerAsyncOps {
  /** Answers after `milliseconds`, or at once when the timer is cleared. The guest chooses the id. */
  "timer.start"(id: number, milliseconds: number): null;
}

export interface TimerNotices {
  "timer.clear"(id: number): void;
}
