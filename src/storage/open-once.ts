/** What is opened when it is first asked for, and then kept. */
export class OpenOnce<T> {
  readonly #open: () => Promise<T>;
  #opening: Promise<T> | undefined;

  constructor(open: () => Promise<T>) {
    this.#open = open;
  }

  /** What is open; opens it where it is not. */
  get(): Promise<T> {
    this.#opening ??= this.#open().catch(error => {
      // What was in the way may be gone at the next call.
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /** What is there to close: undefined where nothing was opened. */
  async opened(): Promise<T | undefined> {
    return this.#opening?.catch(() => undefined);
  }
}
