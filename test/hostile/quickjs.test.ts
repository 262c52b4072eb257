import { describe } from "vitest";
import { describeContainment } from "./containment.ts";

describe("hostile workers (quickjs)", () => describeContainment("quickjs"));
