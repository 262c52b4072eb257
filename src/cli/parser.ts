/** From the list of commands to commander's parser, and from its complaints to ours. */
import { type Command as Commander, CommanderError, createCommand, Option } from "commander";
import { UserError } from "../errors.ts";
import type { Command, Example, OptionDefinition, ParsedInput } from "./command.ts";
import { globalOptions } from "./options.ts";

/** A command line that was understood. */
export interface Parsed {
  readonly command: Command;
  readonly input: ParsedInput;
}

export interface ParserOptions {
  readonly version: string;
  readonly colors: boolean;
  /** Takes help texts. */
  write(text: string): void;
}

/** Parses a command line. Undefined where help or the version was asked for, and was written. */
export function parseCommandLine(
  commands: readonly Command[],
  argv: readonly string[],
  settings: ParserOptions,
): Parsed | undefined {
  let parsed: Parsed | undefined;
  const program = configure(createCommand("worker"), settings)
    .description("Runs Cloudflare Workers on your own machine, on QuickJS or V8.")
    .version(settings.version, "-v, --version", "print the version")
    .usage("<command> [options]")
    .addHelpText("after", `\nWithout a command: this help. Each command has its own: worker dev --help\n`);
  const add = (parent: Commander, command: Command): void => {
    const sub = configure(parent.command(usage(command)), settings).summary(command.summary);
    sub.description(command.description ?? `${capitalise(command.summary)}.`);
    // A command that only groups others has no options: it would take those meant for them.
    const options = command.run === undefined ? [] : [...(command.options ?? []), ...globalOptions];
    for (const option of options) sub.addOption(toOption(option));
    sub.addHelpText("after", examplesText(command.examples));
    for (const child of command.subcommands ?? []) add(sub, child);
    if (command.run !== undefined) {
      sub.action(() => {
        parsed = { command, input: { args: sub.args, options: sub.opts() } };
      });
    }
  };
  for (const command of commands) add(program, command);
  try {
    if (argv.length === 0) program.outputHelp();
    else program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    if (error.code === "commander.help") return undefined;
    throw usageError(error);
  }
  return parsed;
}

function configure(commander: Commander, options: ParserOptions): Commander {
  return commander
    .exitOverride()
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .allowExcessArguments(false)
    .configureOutput({
      writeOut: options.write,
      // Errors come back as exceptions; help for a command that needs a subcommand is no error.
      writeErr: text => {
        if (text.startsWith("Usage:")) options.write(text);
      },
      getOutHasColors: () => options.colors,
    });
}

const usage = (command: Command) =>
  command.args === undefined ? command.name : `${command.name} ${command.args}`;

function toOption(definition: OptionDefinition): Option {
  const { flags, summary, parse, repeatable, choices, shownDefault } = definition;
  const description = shownDefault === undefined ? summary : `${summary} (default: ${shownDefault})`;
  const option = new Option(flags, description);
  if (choices !== undefined) option.choices([...choices]);
  if (repeatable) {
    option.argParser((text: string, before: unknown) => [
      ...(Array.isArray(before) ? before : []),
      parse === undefined ? text : parse(text),
    ]);
  } else if (parse !== undefined) {
    option.argParser(parse);
  }
  return option;
}

function examplesText(examples: readonly Example[]): string {
  const width = Math.max(...examples.map(example => example.line.length));
  const lines = examples.map(example => `  ${example.line.padEnd(width)}  ${example.does}`);
  return `\nExamples:\n${lines.join("\n")}\n`;
}

const capitalise = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** commander's sentence, as one of ours. */
function usageError(error: CommanderError): UserError {
  const [message = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const hint = rest
    .join(" ")
    .trim()
    .replace(/^\(|\)$/g, "");
  return new UserError(
    "USAGE",
    `${capitalise(message)}.`.replace(/\.\.$/, "."),
    hint || "See worker --help.",
    { cause: error },
  );
}
