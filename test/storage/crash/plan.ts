/** What a writer does, told by a seed: the one that writes and the one that checks work it out alike. */

/** Lanes of a store run at once; each has one key, and does one operation after another. */
export const LANES = 4;

export interface Operation {
  readonly kind: "put" | "delete";
  /** The whole value. It names its operation, so that any other value is told from it. */
  readonly value: Buffer;
  /** Whether it is put as a stream. */
  readonly streamed: boolean;
}

/** The sizes of values: in the row, at its edge, and in a file of its own. */
const SIZES = [0, 20, 3000, 100 * 1024, 100 * 1024 + 1, 300_000];

export const keyOf = (lane: number) => `key ${lane}`;

/** The `index`-th operation of a lane. */
export function operationOf(seed: number, store: string, lane: number, index: number): Operation {
  const random = randomOf(`${seed} ${store} ${lane} ${index}`);
  const size = SIZES[Math.floor(random() * SIZES.length)] as number;
  const kind = random() < 0.2 ? "delete" : "put";
  return { kind, value: contentOf(`${seed}/${lane}/${index},`, size), streamed: random() < 0.3 };
}

function contentOf(name: string, size: number): Buffer {
  return size === 0 ? Buffer.alloc(0) : Buffer.alloc(size, name);
}

/** Numbers from 0 to 1, the same for the same text (mulberry32 of an FNV hash). */
export function randomOf(text: string): () => number {
  let state = 0x811c9dc5;
  for (const character of text) state = Math.imul(state ^ (character.codePointAt(0) as number), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
