/** How dates are written: ECMAScript leaves the name of the time zone to the engine, and QuickJS writes none. */

/** A worker's time zone is UTC everywhere; this is how V8 writes it. */
const ZONE = " (Coordinated Universal Time)";

export function fillTimeZoneName(): void {
  if (String(new Date(0)).endsWith(ZONE)) return;
  for (const name of ["toString", "toTimeString"] as const) {
    const write = Date.prototype[name];
    const { [name]: written } = {
      [name](this: Date): string {
        const text = Reflect.apply(write, this, []);
        return text === "Invalid Date" ? text : text + ZONE;
      },
    };
    Object.defineProperty(Date.prototype, name, {
      value: written,
      writable: true,
      enumerable: false,
      configurable: true,
    });
  }
}
