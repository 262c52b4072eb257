/** A store of secrets that forgets: for tests, and for a worker that shall leave no trace. */
import { randomUUID } from "node:crypto";
import type { Clock } from "../../storage/clock.ts";
import type { NewSecret, Secret, SecretsStore } from "./store.ts";

type Kept = Secret & { readonly value: string };

export class MemorySecretsStore implements SecretsStore {
  readonly #clock: Clock;
  readonly #secrets = new Map<string, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async get(name: string): Promise<string | null> {
    return this.#named(name)?.value ?? null;
  }

  async create(secret: NewSecret): Promise<Secret> {
    this.#secrets.delete(this.#named(secret.name)?.id ?? "");
    const now = this.#clock.now();
    return this.#keep({ ...secret, id: randomUUID().replaceAll("-", ""), created: now, modified: now });
  }

  async update(id: string, changes: Partial<Omit<NewSecret, "name">>): Promise<Secret | null> {
    const secret = this.#secrets.get(id);
    return secret === undefined ? null : this.#keep({ ...secret, ...changes, modified: this.#clock.now() });
  }

  async delete(id: string): Promise<boolean> {
    return this.#secrets.delete(id);
  }

  async list(): Promise<Secret[]> {
    return [...this.#secrets.values()].map(withoutValue).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async close(): Promise<void> {}

  #named(name: string): Kept | undefined {
    return [...this.#secrets.values()].find(secret => secret.name === name);
  }

  #keep(secret: Kept): Secret {
    this.#secrets.set(secret.id, secret);
    return withoutValue(secret);
  }
}

function withoutValue({ value: _, ...secret }: Kept): Secret {
  return secret;
}
