/** What the parser found wrong with a command line, as an error of ours. */
import type { CommanderError } from "commander";
import { closest } from "../config/diagnostics.ts";
import { UserError } from "../errors.ts";
import type { Command } from "./command.ts";
import { ABSENT_COMMANDS, ABSENT_OPTIONS } from "./elsewhere.ts";
import { optionsOf } from "./options.ts";

/** `path`: the names of the command that was being parsed. */
export function usageError(
  error: CommanderError,
  path: readonly string[],
  commands: readonly Command[],
): UserError {
  const [sentence = ""] = error.message.replace(/^error: /, "").split("\n");
  const quoted = sentence.replaceAll(/'([^']*)'/g, '"$1"');
  const message = `${quoted.charAt(0).toUpperCase()}${quoted.slice(1)}`.replace(/\.?$/, ".");
  return new UserError("USAGE", message, hintFor(error, path, commands), { cause: error });
}

function hintFor({ code, message }: CommanderError, path: readonly string[], commands: readonly Command[]) {
  const seeHelp = `See ${["worker", ...path].join(" ")} --help.`;
  const name = /'([^']*)'/.exec(message)?.[1] ?? "";
  if (code === "commander.unknownCommand") return commandHint(name, commandsAt(path, commands)) ?? seeHelp;
  if (code === "commander.unknownOption") return optionHint(name, path, commands) ?? seeHelp;
  return seeHelp;
}

function commandHint(name: string, choices: readonly Command[]): string | undefined {
  const known = choices.map(command => command.name);
  const near = closest(name, known);
  if (near !== undefined) return `Did you mean "${near}"?`;
  if (Object.hasOwn(ABSENT_COMMANDS, name)) return ABSENT_COMMANDS[name];
  return `There is: ${known.join(", ")}.`;
}

function optionHint(flag: string, path: readonly string[], commands: readonly Command[]): string | undefined {
  const name = flag.replace(/=.*/, "");
  if (Object.hasOwn(ABSENT_OPTIONS, name)) return ABSENT_OPTIONS[name];
  const command = path.reduce<Command | undefined>(
    (found, part) => (found?.subcommands ?? commands).find(({ name }) => name === part),
    undefined,
  );
  const own = command === undefined ? [] : optionsOf(command).flatMap(namesOf);
  const near = name.startsWith("--") ? closest(name.slice(2), own.map(asKey)) : undefined;
  if (near !== undefined) return `Did you mean --${near.replaceAll("_", "-")}?`;
  if (/^-[\d.]|^-Infinity$/.test(name) || path.join(" ") === "invoke")
    return "An argument that starts with a dash goes after --: worker invoke fn -- -x";
  const others = takers(name, commands, "worker");
  if (others.length > MAX_TAKERS) return "Write it behind the command that it is meant for.";
  return others.length === 0 ? undefined : `It is an option of ${others.join(" and ")}.`;
}

const MAX_TAKERS = 2;

/** The commands that have an option. */
function takers(flag: string, commands: readonly Command[], above: string): string[] {
  return commands.flatMap(command => {
    const path = `${above} ${command.name}`;
    const own = optionsOf(command).flatMap(namesOf).includes(flag) ? [path] : [];
    return [...own, ...takers(flag, command.subcommands ?? [], path)];
  });
}

function commandsAt(path: readonly string[], commands: readonly Command[]): readonly Command[] {
  return path.reduce<readonly Command[]>(
    (choices, part) => choices.find(({ name }) => name === part)?.subcommands ?? [],
    commands,
  );
}

const namesOf = ({ flags, alias = "" }: { flags: string; alias?: string }): string[] =>
  `${flags} ${alias}`.match(/(?<![\w-])--?[a-zA-Z][\w-]*/g) ?? [];

/** As keys of a configuration are written, which is how names are compared. */
const asKey = (flag: string) => flag.replace(/^-+/, "").replaceAll("-", "_");
