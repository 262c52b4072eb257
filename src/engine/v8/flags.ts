/** What V8 has to be told wherever isolates of isolated-vm run; before the first of them is made. */
export const V8_FLAGS: readonly string[] = [
  // Loop unrolling drops a loop's interrupt check when V8 thinks the loop short; such a loop cannot be ended.
  "--no-turboshaft-loop-unrolling",
  // The pages of an isolate that ends would be given to another one to be freed later, by a delayed task; isolated-vm
  // runs none, and they would stay for good.
  "--no-memory-pool-share-memory-on-teardown",
];

let used = false;

/** Told when the first isolates of isolated-vm are to be made in this process. */
export function useV8(): void {
  used = true;
}

/** Whether contexts of workers may be made by V8 in this process, at any moment and on any thread. */
export const isV8Used = (): boolean => used;
