/** What an import did, in numbers. */
export interface ImportCounts {
  readonly added: number;
  readonly replaced: number;
  /** The same was there. */
  readonly unchanged: number;
  /** What cannot be taken over, if anything: "2 unfinished uploads". */
  readonly leftOut?: string;
}

/** Performs work for each item, one after another. Null: the item was of no account. */
export async function counted<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<"added" | "replaced" | "unchanged" | null>,
): Promise<ImportCounts> {
  const counts = { added: 0, replaced: 0, unchanged: 0 };
  for (const item of items) {
    const done = await work(item);
    if (done !== null) counts[done]++;
  }
  return counts;
}
