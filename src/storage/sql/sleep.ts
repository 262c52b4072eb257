/** Blocks the process: where all else blocks as well, there is nothing to do meanwhile. */
export function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
