import { describe } from "vitest";
import { CONTAINMENT_TIMEOUT_MS, describeContainment } from "./containment.ts";

describe("hostile workers (quickjs)", { timeout: CONTAINMENT_TIMEOUT_MS }, () =>
  describeContainment("quickjs"),
);
