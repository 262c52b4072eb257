/** `SecretsStoreSecret`, as a worker sees it (https://developers.cloudflare.com/secrets-store/integrations/workers/). */
import { call } from "../../guest/host.ts";
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../guest/webidl.ts";
import type { BindingDescriptor } from "../contracts.ts";

const CONSTRUCTION = Symbol("construction");

/** A secret that is kept outside of the worker. */
export class SecretsStoreSecret {
  readonly #binding: string;
  readonly #secret: string;

  constructor(token: symbol, { name, secret }: BindingDescriptor) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    this.#binding = name;
    this.#secret = String(secret);
  }

  /** The secret's value as it is now. Rejects when the store has none. */
  async get(): Promise<string> {
    if (!(#binding in this)) throw illegalInvocation();
    return call("secretsStore.get", this.#binding, this.#secret);
  }
}
exposeInterface(SecretsStoreSecret, "SecretsStoreSecret");

/** The object on `env` for a binding. */
export function createSecretsStoreSecret(descriptor: BindingDescriptor): SecretsStoreSecret {
  return new SecretsStoreSecret(CONSTRUCTION, descriptor);
}
