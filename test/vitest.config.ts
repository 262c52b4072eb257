import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./sequencer.ts";

/** Suites whose processes must hold nothing of another file's: they watch what a process holds, or change its settings. */
const ALONE = ["hostile", "runtime", "storage", "cli", "web/sockets"].map(folder => `${folder}/**/*.test.ts`);
const EXCLUDED = ["**/node_modules/**", "bench/**", "fixtures/**"];

export default defineConfig({
  test: {
    root: import.meta.dirname,
    pool: "forks",
    // Much of the time is waiting for a limit to be met: one file more than there are cores fills it.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    testTimeout: 20_000,
    hookTimeout: 30_000,
    env: { TZ: "UTC", NO_COLOR: "1" },
    projects: [
      { extends: true, test: { name: "alone", include: ALONE, exclude: EXCLUDED } },
      // A process for many files: to start one takes longer than most of them do.
      {
        extends: true,
        test: {
          name: "together",
          include: ["**/*.test.ts"],
          exclude: [...EXCLUDED, ...ALONE],
          isolate: false,
        },
      },
    ],
  },
});
