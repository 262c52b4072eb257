/** The Secrets Store on the host. */
import type { HostOps } from "../../engine/ops.ts";
import type { Clock } from "../../storage/clock.ts";
import { storePaths } from "../../storage/paths.ts";
import type { SecretsStoreAsyncOps } from "./contract.ts";
import { SqliteSecretsStore } from "./sqlite-store.ts";
import type { SecretsStore } from "./store.ts";

export interface SecretsStoreEnvironment extends Clock {
  readonly stateDir: string;
}

/** The store of that id. Nothing is opened before the first call. */
export function createSecretsStore(
  { id, name }: { readonly id?: string; readonly name: string },
  environment: SecretsStoreEnvironment,
): SecretsStore {
  const { database } = storePaths(environment.stateDir, "secrets-store", id ?? name);
  return new SqliteSecretsStore(database, environment);
}

/** The ops of the Secrets Store. */
export const secretsStoreOps: HostOps<SecretsStoreAsyncOps> = {
  async "secretsStore.get"(context, binding, secret) {
    context.countSubrequest();
    const value = await context.resource<SecretsStore>("secrets_store_secret", binding).get(secret);
    if (value === null) throw new Error(`Secret "${secret}" not found`);
    return value;
  },
};
