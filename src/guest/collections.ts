/** Maps and sets whose methods are their own: what a worker does to those of the language does not change them. */

export class SafeMap<K, V> extends Map<K, V> {}
export class SafeSet<T> extends Set<T> {}
export class SafeWeakSet<T extends object> extends WeakSet<T> {}

for (const [Safe, Native] of [
  [SafeMap, Map],
  [SafeSet, Set],
  [SafeWeakSet, WeakSet],
] as const) {
  const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(
    Native.prototype,
  ) as PropertyDescriptorMap;
  Object.defineProperties(Safe.prototype, methods);
}
