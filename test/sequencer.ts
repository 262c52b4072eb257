import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

/** Folders and files that take by far the longest, the longest first: begun last they would run on alone. */
const LONG = [
  "hostile/",
  "storage/crash/",
  "runtime/processes",
  "runtime/reload",
  "cli/invoke",
  "bindings/r2/r2",
  "web/websocket/server",
  "cli/d1",
  "bindings/d1/",
];

const rankOf = ({ moduleId }: TestSpecification) => {
  const rank = LONG.findIndex(name => moduleId.includes(`/test/${name}`));
  return rank < 0 ? LONG.length : rank;
};

/** What is known to be long comes first; otherwise as vitest would have it. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}
