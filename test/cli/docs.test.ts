/** Holds docs/cli.md to the commands: every option is in it, with the sentence of its help. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Command } from "../../src/cli/command.ts";
import { loadCommands } from "../../src/cli/commands/index.ts";
import { ABSENT_COMMANDS, ABSENT_OPTIONS } from "../../src/cli/elsewhere.ts";
import { globalOptions, optionsOf } from "../../src/cli/options.ts";
import { describe as describeOption } from "../../src/cli/parser.ts";

const commands = await loadCommands();

const doc = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8");
const sections = new Map(doc.split(/^#+ /m).map(text => [text.split("\n", 1)[0] ?? "", text]));

/** A row as docs/cli.md has it. */
const row = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll("|", "\\|")).join(" | ")} |`;

const withNames = (above: string, list: readonly Command[]): [string, Command][] =>
  list.flatMap(command => {
    const name = `${above} ${command.name}`;
    return [[name, command] as [string, Command], ...withNames(name, command.subcommands ?? [])];
  });
const all = withNames("worker", commands);

describe("docs/cli.md", () => {
  test.each(all.map(([name, command]) => ({ name, command })))("has $name", ({ name, command }) => {
    const title = command.args === undefined ? name : `${name} ${command.args}`;
    const section = sections.get(`\`${title}\``);
    expect(section).toBeDefined();
    for (const { line } of command.examples) expect(section).toContain(line);
    const own = optionsOf(command).filter(option => !globalOptions.includes(option));
    for (const option of own) expect(section).toContain(row([`\`${option.flags}\``, describeOption(option)]));
    const rows = section?.match(/^\| `-/gm) ?? [];
    expect(rows).toHaveLength(own.length);
  });

  test("has the options of all commands", () => {
    for (const option of globalOptions)
      expect(sections.get("Options of all commands")).toContain(
        row([`\`${option.flags}\``, describeOption(option)]),
      );
  });

  test("says what is not here", () => {
    const section = sections.get("What wrangler has and worker has not");
    for (const [name, instead] of [...Object.entries(ABSENT_OPTIONS), ...Object.entries(ABSENT_COMMANDS)])
      expect(section).toContain(row([`\`${name}\``, instead]));
  });
});
