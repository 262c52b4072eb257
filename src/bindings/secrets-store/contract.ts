/** What crosses for the Secrets Store. */
export interface SecretsStoreAsyncOps {
  /** The value of the secret of that name in the binding's store. */
  "secretsStore.get"(binding: string, secret: string): string;
}
