import "./images.ts";
import { describe, vi } from "vitest";
import { createQuickJSEngine } from "../../src/engine/quickjs/isolate.ts";
import { threadUrl } from "./built-guest.ts";
import { describeIsolate } from "./isolate.case.ts";

vi.mock("../../src/engine/guest-script.ts", () => import("./built-guest.ts"));

describe("the engine quickjs", () => describeIsolate(async () => createQuickJSEngine(threadUrl)));
