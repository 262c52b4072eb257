export interface CronEvents {
  /** Runs the `scheduled` handler. `time` is in milliseconds since the epoch. */
  scheduled(cron: string, time: number): [noRetry: boolean];
}
