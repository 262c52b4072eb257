/** Operations under way at once: enough to share commits. */
const CONCURRENCY = 256;

/** Performs an operation for each item. A batch ends before its first failure is told: nothing is still writing then. */
export async function inBatches<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < items.length; start += CONCURRENCY) {
    const batch = items.slice(start, start + CONCURRENCY).map((item, index) => work(item, start + index));
    await Promise.allSettled(batch);
    await Promise.all(batch);
  }
}
