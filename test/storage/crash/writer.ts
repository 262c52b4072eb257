/** A process that writes to all stores until it is killed, and says on stdout what was acknowledged. */
import { writeSync } from "node:fs";
import { keyOf, LANES, operationOf } from "./plan.ts";
import { type Subject, subjects } from "./subjects.ts";

const [stateDir = "", seed = ""] = process.argv.slice(2);

async function* chunksOf(value: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < value.length; start += 50_000) yield value.subarray(start, start + 50_000);
}

async function run(name: string, subject: Subject, lane: number): Promise<void> {
  for (let index = 0; ; index++) {
    const { kind, value, streamed } = operationOf(Number(seed), name, lane, index);
    if (kind === "delete") await subject.delete(keyOf(lane));
    else await subject.put(keyOf(lane), streamed ? chunksOf(value) : value);
    writeSync(1, `${name} ${lane} ${index}\n`);
  }
}

// Where nobody is left to kill it.
setTimeout(() => process.exit(1), 30_000);
const opened = Object.entries(subjects).map(([name, kind]) => ({
  name,
  subject: kind.open(kind.paths(stateDir)),
}));
await Promise.all(opened.map(({ subject }) => subject.get(keyOf(0))));
writeSync(1, "started\n");
for (const { name, subject } of opened) {
  for (let lane = 0; lane < LANES; lane++) void run(name, subject, lane);
}
