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
