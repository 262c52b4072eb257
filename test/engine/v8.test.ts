import "./images.ts";
import { setFlagsFromString } from "node:v8";
import ivm from "isolated-vm";
import { describe, vi } from "vitest";
import { createV8Engine } from "../../src/engine/v8/isolate.ts";
import { describeIsolate } from "./isolate.case.ts";

vi.mock("../../src/engine/built-files.ts", () => import("./built-files.ts"));

// As src/runtime/engines.ts does before the engine is used.
setFlagsFromString("--no-turboshaft-loop-unrolling");

describe("the engine v8", () => describeIsolate(async () => createV8Engine(ivm)));
