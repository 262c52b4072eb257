/** A store of messages that forgets: for tests, and for a worker that shall leave no trace. */
import { Readable } from "node:stream";
import type { EmailStore, NewMessage, StoredMessage } from "./store.ts";

export class MemoryEmailStore implements EmailStore {
  readonly #messages: { readonly message: StoredMessage; readonly raw: Uint8Array }[] = [];

  async add(message: NewMessage, raw: Uint8Array): Promise<StoredMessage> {
    const stored = { ...message, id: this.#messages.length + 1, size: raw.byteLength, file: null };
    this.#messages.push({ message: stored, raw: new Uint8Array(raw) });
    return stored;
  }

  async list(): Promise<StoredMessage[]> {
    return this.#messages.map(({ message }) => message);
  }

  async get(id: number) {
    const found = this.#messages[id - 1];
    return found === undefined ? null : { message: found.message, raw: Readable.from([found.raw]) };
  }

  async close(): Promise<void> {}
}
