import "./images.ts";
import { describe, vi } from "vitest";
import { createQuickJSEngine } from "../../src/engine/quickjs/isolate.ts";
import { threadUrl } from "./built-files.ts";
import { describeIsolate } from "./isolate.case.ts";

vi.mock("../../src/engine/built-files.ts", () => import("./built-files.ts"));

describe("the engine quickjs", () =>
  describeIsolate(async () => createQuickJSEngine({ threadUrl, brief: false })));
