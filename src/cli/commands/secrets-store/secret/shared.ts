/** What the commands on secrets share. */

import type { Secret } from "../../../../bindings/secrets-store/store.ts";
import { UserError } from "../../../../errors.ts";
import type { CommandContext, OptionDefinition } from "../../../command.ts";
import { formatTable } from "../../../terminal/table.ts";
import { formatTime } from "../../../terminal/units.ts";

type Options = Readonly<Record<string, unknown>>;

export const nameOption: OptionDefinition = { flags: "--name <name>", summary: "name of the secret" };
export const idOption: OptionDefinition = {
  flags: "--secret-id <id>",
  summary: "id of the secret, as the list has it",
};
export const valueOption: OptionDefinition = {
  flags: "--value <value>",
  summary: "value of the secret",
  shownDefault: "stdin",
};
export const describingOptions: readonly OptionDefinition[] = [
  { flags: "--scopes <scopes>", summary: "what may use it, with commas between" },
  { flags: "--comment <text>", summary: "what it is for" },
];
export const jsonOption: OptionDefinition = { flags: "--json", summary: "print as JSON" };

export const scopesOf = (options: Options) =>
  (options["scopes"] as string | undefined)?.split(",").map(scope => scope.trim());

/** The id of `--secret-id`. */
export function secretIdOf(options: Options): string {
  const id = options["secretId"] as string | undefined;
  if (id !== undefined) return id;
  throw new UserError(
    "USAGE",
    "The command needs the id of a secret.",
    "Give it with --secret-id; the list shows the ids.",
  );
}

export function noSuchSecret(id: string): UserError {
  return new UserError(
    "USAGE",
    `There is no secret of the id "${id}" in this store.`,
    "worker secrets-store secret list shows those that there are.",
  );
}

/** Writes secrets, never their values, to stdout. */
export function print(context: CommandContext, secrets: readonly Secret[], options: Options): void {
  if (options["json"] === true) {
    const shown = secrets.map(({ created, modified, ...secret }) => ({
      ...secret,
      created: new Date(created).toISOString(),
      modified: new Date(modified).toISOString(),
    }));
    context.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    return;
  }
  const rows = secrets.map(({ name, id, comment, scopes, modified }) => [
    name,
    id,
    scopes.join(", "),
    formatTime(modified),
    comment,
  ]);
  context.stdout.write(formatTable(["NAME", "ID", "SCOPES", "MODIFIED (UTC)", "COMMENT"], rows));
}
