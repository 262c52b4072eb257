/** Where the engines find what the build made: their own code is taken from the sources here. */
import { vi } from "vitest";

type Module = typeof import("../../src/engine/built-files.ts");

export const { filesIn, readGuest } = await vi.importActual<Module>("../../src/engine/built-files.ts");

const dist = new URL("../../dist/", import.meta.url);

export const threadUrl = new URL("quickjs-thread.cjs", dist);

const files = filesIn(dist);
export const builtFiles = () => files;
