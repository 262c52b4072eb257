/** The symbols of explicit resource management. Imported before all else: the library's classes have methods by them. */
for (const key of ["dispose", "asyncDispose"]) {
  if (!Object.hasOwn(Symbol, key)) Object.defineProperty(Symbol, key, { value: Symbol(`Symbol.${key}`) });
}
