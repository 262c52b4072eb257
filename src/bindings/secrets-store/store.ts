/** A secret, without its value. */
export interface Secret {
  /** 32 hexadecimal digits, given by the store. */
  readonly id: string;
  readonly name: string;
  readonly comment: string;
  readonly scopes: readonly string[];
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly modified: number;
}

export interface NewSecret {
  readonly name: string;
  readonly value: string;
  readonly comment: string;
  readonly scopes: readonly string[];
}

/**
 * One store of secrets. Another implementation (a vault, a keychain) passes the suite `describeSecretsStore`. A change is
 * seen by the next `get`, in whatever process.
 */
export interface SecretsStore {
  /** The value of the secret of that name; null when there is none. */
  get(name: string): Promise<string | null>;
  /** Makes a secret. One that has the name is replaced, id and all, as by `wrangler` on local data. */
  create(secret: NewSecret): Promise<Secret>;
  /** Changes what is given; null when there is no secret of that id. */
  update(id: string, changes: Partial<Omit<NewSecret, "name">>): Promise<Secret | null>;
  /** Whether there was one. */
  delete(id: string): Promise<boolean>;
  /** All secrets, by name. */
  list(): Promise<Secret[]>;
  close(): Promise<void>;
}
