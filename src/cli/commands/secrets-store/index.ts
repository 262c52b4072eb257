import type { Command } from "../../command.ts";
import { secret } from "./secret/index.ts";

export const secretsStore: Command = {
  name: "secrets-store",
  summary: "manage the secrets of secrets_store_secrets bindings",
  examples: [{ line: "worker secrets-store secret list my-store", does: "the secrets of a store" }],
  subcommands: [secret],
};
