/** A project's stores of secrets, for commands. */
import { createSecretsStore } from "../bindings/secrets-store/host.ts";
import { secretsStoreLimits } from "../bindings/secrets-store/limits.ts";
import type { SecretsStore } from "../bindings/secrets-store/store.ts";
import { UserError } from "../errors.ts";
import type { DataInput } from "./project.ts";
import { readText, withoutMark } from "./read-text.ts";
import { openStores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";

/** Opens the store of that id, and closes it when `use` is done. */
export async function withSecretsStore<T>(
  surroundings: Surroundings,
  input: DataInput,
  storeId: string,
  use: (store: SecretsStore) => Promise<T>,
): Promise<T> {
  const { environment } = await openStores(surroundings, input);
  const store = createSecretsStore({ id: storeId, name: storeId }, environment);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** A name that Cloudflare would take, or a `UserError`. */
export function checkSecretName(name: string | undefined): string {
  if (name === undefined) {
    throw new UserError("USAGE", "A secret needs a name.", "For example: --name API_KEY");
  }
  if (/^[\w-]+$/.test(name)) return name;
  throw new UserError(
    "USAGE",
    `"${name}" cannot be the name of a secret.`,
    "Use letters, digits, underscores and dashes.",
  );
}

/** The value of `--value`, else that of stdin without the white space at its end. */
export async function readSecretValue({ stdin }: Surroundings, given: string | undefined): Promise<string> {
  let value = given ?? "";
  if (given === undefined && !("isTTY" in stdin && stdin.isTTY === true)) {
    value = withoutMark(await readText(stdin)).trimEnd();
  }
  if (value === "") {
    throw new UserError("USAGE", "A secret needs a value.", "Write it to stdin, or give it with --value.");
  }
  const bytes = Buffer.byteLength(value);
  const { valueBytes } = secretsStoreLimits;
  if (bytes <= valueBytes) return value;
  throw new UserError(
    "SIZE_LIMIT",
    `The value has ${bytes} bytes, and a secret has at most ${valueBytes}.`,
    "Cloudflare takes no longer one: shorten it, or keep it in KV.",
  );
}
