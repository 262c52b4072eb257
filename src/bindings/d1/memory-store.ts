import { type D1Limits, d1Limits } from "./limits.ts";
import { SqliteD1Store } from "./sqlite-store.ts";

/** A D1 store that forgets: for tests, and for a worker that shall leave no trace. */
export class MemoryD1Store extends SqliteD1Store {
  constructor(limits: D1Limits = d1Limits) {
    super(":memory:", limits);
  }
}
