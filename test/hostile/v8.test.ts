import { describe } from "vitest";
import { describeContainment } from "./containment.ts";

describe("hostile workers (v8)", () => describeContainment("v8"));
