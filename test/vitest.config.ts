import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./sequencer.ts";

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "bench/**", "fixtures/**"],
    pool: "forks",
    // Much of the time is waiting for a limit to be met: one file more than there are cores fills it.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    testTimeout: 20_000,
    hookTimeout: 30_000,
    env: { TZ: "UTC", NO_COLOR: "1" },
  },
});
