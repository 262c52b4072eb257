import { peakBytes, resetPeaks, residentBytes } from "../processes/resident-memory.ts";

const MB = 2 ** 20;

/** How far the memory of a process and its descendants rises meanwhile: the sum of their peaks, less what they held before. */
export async function growthMegabytes(pid: number, meanwhile: () => Promise<void>): Promise<number> {
  const before = residentBytes(pid);
  resetPeaks(pid);
  await meanwhile();
  return (peakBytes(pid) - before) / MB;
}
