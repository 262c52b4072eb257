import { setTimeout as delay } from "node:timers/promises";
import { memoryIsUnreadable, residentBytes } from "../processes/resident-memory.ts";
import type { Contender } from "../processes/serve.ts";
import { median } from "../statistics.ts";
import type { Side } from "../trial.ts";
import { serveEdited } from "./save.ts";

const MB = 2 ** 20;
const READINGS = 10;
const READING_INTERVAL_MILLISECONDS = 100;

/** Resident memory of a watching server, all its processes together, after so many reloads. Counts go up. */
export function memoryAfterReloads(contender: Contender, counts: readonly number[]): Side {
  return {
    figures: counts.map(count => `${contender.name}, ${count} reloads`),
    async open(workspace) {
      const reason = memoryIsUnreadable();
      if (reason !== undefined) throw new Error(reason);
      return async () => {
        const { server, save } = await serveEdited(workspace, contender);
        const figures: number[] = [];
        let reloads = 0;
        for (const count of counts) {
          for (; reloads < count; reloads++) await save();
          figures.push(await settledMegabytes(server.process.pid));
        }
        await workspace.stop(server.process);
        return figures;
      };
    },
  };
}

/** Garbage comes and goes: the median of a second's readings. */
async function settledMegabytes(pid: number): Promise<number> {
  const readings: number[] = [];
  while (readings.length < READINGS) {
    await delay(READING_INTERVAL_MILLISECONDS);
    readings.push(residentBytes(pid) / MB);
  }
  return median(readings);
}
