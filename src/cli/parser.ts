/** From the list of commands to commander's parser. */
import { type Command as Commander, CommanderError, createCommand, Option } from "commander";
import type { Command, Example, OptionDefinition, ParsedInput } from "./command.ts";
import { choiceOption, GLOBAL_GROUP, globalOptions, optionsOf } from "./options.ts";
import { usageError } from "./usage-error.ts";

/** A command line that was understood. */
export interface Parsed {
  readonly command: Command;
  readonly input: ParsedInput;
}

export interface ParserOptions {
  version(): string;
  colors(): boolean;
  /** Takes help texts. */
  write(text: string): void;
}

/** Columns of a help text, on every terminal the same. */
const HELP_WIDTH = 100;

/** Parses a command line. Undefined where help or the version was asked for, and was written. */
export function parseCommandLine(
  commands: readonly Command[],
  argv: readonly string[],
  settings: ParserOptions,
): Parsed | undefined {
  let parsed: Parsed | undefined;
  /** What commander writes where it means to fail; a command that needs a subcommand has its help here. */
  let complaint = "";
  let path: readonly string[] = [];

  const configure = (commander: Commander, name: readonly string[], grouped: boolean): Commander =>
    commander
      .exitOverride(error => {
        path = name;
        throw error;
      })
      .addHelpOption(helpOption(grouped))
      .showSuggestionAfterError(false)
      .allowExcessArguments(false)
      .configureOutput({
        writeOut: settings.write,
        writeErr: text => {
          complaint += text;
        },
        getOutHasColors: settings.colors,
        getOutHelpWidth: () => HELP_WIDTH,
      });

  const add = (parent: Commander, command: Command, above: readonly string[]): void => {
    const name = [...above, command.name];
    const sub = configure(parent.command(usage(command)), name, command.run !== undefined);
    sub.summary(command.summary).description(command.description ?? `${capitalise(command.summary)}.`);
    sub.helpCommand(false);
    // Of a command that the line does not even name, no more than the summary is wanted.
    const options = argv.includes(command.name) ? optionsOf(command) : [];
    for (const option of options) for (const form of toOptions(option)) sub.addOption(form);
    sub.addHelpText("after", examplesText(command.examples));
    for (const child of command.subcommands ?? []) add(sub, child, name);
    if (command.run !== undefined) {
      sub.action(() => {
        parsed = { command, input: { args: sub.args, options: sub.opts() } };
      });
    }
  };

  const program = configure(createCommand("worker"), [], false)
    .description("Runs Cloudflare Workers on your own machine, on QuickJS or V8.")
    .usage("<command> [options]")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", examplesText(PROGRAM_EXAMPLES));
  // A line that starts with its command has no use for the rest of the program's own.
  const named = commands.some(({ name }) => name === argv[0]);
  if (!named || argv.includes("-v") || argv.includes("--version"))
    program.version(settings.version(), "-v, --version", "print the version");
  for (const command of commands) add(program, command, []);
  try {
    if (argv.length === 0) program.outputHelp();
    else program.parse(commandFirst(argv, commands), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.help") settings.write(complaint);
    else if (error.exitCode !== 0) throw usageError(error, path, commands);
    return undefined;
  }
  return parsed;
}

/** Among the options of all commands, where there are any. */
function helpOption(grouped: boolean): Option {
  const option = new Option("-h, --help", "print this help");
  return grouped ? option.helpGroup(`${GLOBAL_GROUP}:`) : option;
}

const PROGRAM_EXAMPLES: readonly Example[] = [
  { line: "worker dev", does: "serve the project in this folder" },
  { line: "worker invoke add 3 4", does: "call one of its functions" },
  { line: "worker dev --help", does: "all that a command takes" },
];

const usage = (command: Command) =>
  command.args === undefined ? command.name : `${command.name} ${command.args}`;

/** An option as commander has it, and its alias as one that no help shows. */
function toOptions(definition: OptionDefinition): readonly Option[] {
  const { flags, alias, group } = definition;
  const option = toOption(flags, definition);
  if (group !== undefined) option.helpGroup(`${group}:`);
  if (alias === undefined) return [option];
  const value = /[<[].*$/.exec(flags)?.[0] ?? "";
  const other = toOption(`${alias} ${value}`.trim(), definition).hideHelp();
  other.attributeName = () => option.attributeName();
  return [option, other];
}

function toOption(flags: string, definition: OptionDefinition): Option {
  const { choices, repeatable } = definition;
  const parse = choices === undefined ? definition.parse : choiceOption(flags, choices);
  const option = new Option(flags, describe(definition));
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

/** What an option does, with all that there is to say about its values. */
export function describe(definition: OptionDefinition): string {
  const { summary, alias, choices, repeatable, shownDefault } = definition;
  const notes: string[] = [];
  if (choices !== undefined) notes.push(choices.join(", "));
  if (alias !== undefined) notes.push(`also ${alias}`);
  if (repeatable) notes.push("repeatable");
  if (shownDefault !== undefined) notes.push(`default: ${shownDefault}`);
  return notes.length === 0 ? summary : `${summary} (${notes.join("; ")})`;
}

function examplesText(examples: readonly Example[]): string {
  const width = Math.max(...examples.map(example => example.line.length));
  const lines = examples.map(example => `  ${example.line.padEnd(width)}  ${example.does}`);
  return `\nExamples:\n${lines.join("\n")}\n`;
}

const capitalise = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const GLOBAL_FLAGS = new Set(globalOptions.flatMap(option => option.flags.match(/--?[a-z-]+/g) ?? []));

/** wrangler takes the options of every command before the command's name as well; here they move behind it. */
function commandFirst(argv: readonly string[], commands: readonly Command[]): readonly string[] {
  let start = 0;
  while (GLOBAL_FLAGS.has(argv[start]?.replace(/=.*/, "") ?? "")) start += argv[start]?.includes("=") ? 1 : 2;
  if (start === 0) return argv;
  let end = start;
  for (let choices: readonly Command[] | undefined = commands; choices !== undefined; ) {
    const command: Command | undefined = choices.find(({ name }) => name === argv[end]);
    if (command === undefined) break;
    end++;
    choices = command.subcommands;
  }
  return [...argv.slice(start, end), ...argv.slice(0, start), ...argv.slice(end)];
}
