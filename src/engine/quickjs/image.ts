/**
 * A QuickJS isolate's memory with the guest library in it, as an image.
 *
 * QuickJS keeps all its state in its WebAssembly memory. An instance that was set up by the same calls in the same
 * order has its runtime and context at the same addresses, so the pages of the one can be laid over the other.
 *
 * The image, in u32: the length of the memory in bytes; an address that tells whether another instance has the same
 * layout; the number of runs of pages that are not all zero; for each run its first page and its page count. Then the
 * runs' bytes.
 */

/** In memory that threads share. */
export type Image = Uint8Array<SharedArrayBuffer>;

const PAGE_BYTES = 4096;
const HEADER_BYTES = 12;

/** `landmark`: an address of the instance that moves when its layout does. */
export function takeImage(memory: WebAssembly.Memory, landmark: number): Image {
  const source = new Uint8Array(memory.buffer);
  const words = new Float64Array(memory.buffer);
  const runs: [first: number, count: number][] = [];
  const pages = source.length / PAGE_BYTES;
  for (let page = 0; page < pages; page++) {
    if (isZero(words, page)) continue;
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] === page) last[1]++;
    else runs.push([page, 1]);
  }
  const header = HEADER_BYTES + runs.length * 8;
  const body = runs.reduce((sum, [, count]) => sum + count * PAGE_BYTES, 0);
  const image = new Uint8Array(new SharedArrayBuffer(header + body));
  const view = viewOf(image);
  view.setUint32(0, source.length, true);
  view.setUint32(4, landmark, true);
  view.setUint32(8, runs.length, true);
  let offset = header;
  runs.forEach(([first, count], index) => {
    view.setUint32(HEADER_BYTES + index * 8, first, true);
    view.setUint32(HEADER_BYTES + 4 + index * 8, count, true);
    image.set(source.subarray(first * PAGE_BYTES, (first + count) * PAGE_BYTES), offset);
    offset += count * PAGE_BYTES;
  });
  return image;
}

function isZero(words: Float64Array, page: number): boolean {
  const from = (page * PAGE_BYTES) / 8;
  for (let index = from; index < from + PAGE_BYTES / 8; index++) {
    // Minus zero is not all zero bits, and equals zero: Object.is tells them apart.
    if (!Object.is(words[index], 0)) return false;
  }
  return true;
}

const viewOf = ({ buffer, byteOffset, byteLength }: Image) => new DataView(buffer, byteOffset, byteLength);

/** Bytes of memory that an image needs. */
export function imageMemoryBytes(image: Image): number {
  return viewOf(image).getUint32(0, true);
}

/** Whether the image was taken of an instance with the same layout. */
export function fitsImage(image: Image, landmark: number): boolean {
  return viewOf(image).getUint32(4, true) === landmark;
}

/** Lays the image over a memory whose own pages were set up by the same calls. */
export function restoreImage(image: Image, memory: WebAssembly.Memory): void {
  const view = viewOf(image);
  const runs = view.getUint32(8, true);
  const target = new Uint8Array(memory.buffer);
  let offset = HEADER_BYTES + runs * 8;
  for (let index = 0; index < runs; index++) {
    const first = view.getUint32(HEADER_BYTES + index * 8, true) * PAGE_BYTES;
    const length = view.getUint32(HEADER_BYTES + 4 + index * 8, true) * PAGE_BYTES;
    target.set(image.subarray(offset, offset + length), first);
    offset += length;
  }
}
