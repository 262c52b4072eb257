/** What a command is: a value. The parser, the help texts and the docs are made from it. */
import type { Surroundings } from "../runtime/surroundings.ts";

export type CommandContext = Surroundings;

export interface OptionDefinition {
  /** As commander takes it: "-p, --port <number>". */
  readonly flags: string;
  /** Another name for it: "--host". */
  readonly alias?: string;
  readonly summary: string;
  /** Converts and checks the text; throws a UserError. With `repeatable`, called for each. */
  readonly parse?: (text: string) => unknown;
  readonly repeatable?: true;
  readonly choices?: readonly string[];
  /** Shown in the help; the command itself applies it. */
  readonly shownDefault?: string;
  /** The heading of the help that it stands under; "Options" unless given. */
  readonly group?: string;
}

export interface Example {
  readonly line: string;
  readonly does: string;
}

export interface ParsedInput {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Paragraphs of the command's own help. */
  readonly description?: string;
  /** As commander takes them: "[entry]", "<function> [args...]". */
  readonly args?: string;
  readonly options?: readonly OptionDefinition[];
  readonly examples: readonly Example[];
  readonly subcommands?: readonly Command[];
  /** Returns the exit code; nothing is success. */
  readonly run?: (context: CommandContext, input: ParsedInput) => Promise<number | undefined>;
}
