export type ConsoleLevel = "debug" | "error" | "info" | "log" | "warn";

export interface ConsoleNotices {
  /** A line of the worker's console, formatted. */
  "console.write"(level: ConsoleLevel, text: string): void;
}
