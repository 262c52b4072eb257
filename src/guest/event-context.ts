/**
 * Which event the running code belongs to.
 *
 * Every turn of the guest has one cause: an event that comes in, or the answer to an op that some event asked for.
 * The host runs the microtasks dry between turns, so all that runs in a turn belongs to its cause's event.
 */
let current = 0;

/** The id of the event on whose behalf the guest is running; 0 while the worker is being loaded. */
export function currentEvent(): number {
  return current;
}

export function enterEvent(id: number): void {
  current = id;
}

/** The event that runs. Throws while the worker is being loaded, when nothing may go out. */
export function requireEvent(): number {
  if (current !== 0) return current;
  throw new Error(
    "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, " +
      "and generating random values are not allowed within global scope. To fix this error, perform this operation " +
      "within a handler. https://developers.cloudflare.com/workers/runtime-apis/handlers/",
  );
}

/** Runs `callback` on behalf of an event that need not be the one that runs now. */
export function withinEvent<T>(id: number, callback: () => T): T {
  const outer = current;
  current = id;
  try {
    return callback();
  } finally {
    current = outer;
  }
}
