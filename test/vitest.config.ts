import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "bench/**", "fixtures/**"],
    // Isolates and servers are processes and threads of their own: files beside each other fill the machine.
    pool: "forks",
    testTimeout: 20_000,
    hookTimeout: 30_000,
    env: { TZ: "UTC", NO_COLOR: "1" },
  },
});
