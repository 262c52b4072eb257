import { describe } from "vitest";
import { CONTAINMENT_TIMEOUT_MS, describeContainment } from "./containment.ts";

describe("hostile workers (v8)", { timeout: CONTAINMENT_TIMEOUT_MS }, () => describeContainment("v8"));
