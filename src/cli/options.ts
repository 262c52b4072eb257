/** The options that commands share, and how their texts become values. */
import { UserError } from "../errors.ts";
import { LOG_LEVELS } from "../log.ts";
import type { Command, OptionDefinition } from "./command.ts";

/** A whole number within bounds, for an option. */
export function integerOption(flag: string, minimum: number, maximum: number) {
  return (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw new UserError(
      "USAGE",
      `${flag} takes a whole number from ${minimum} to ${maximum}, not "${text}".`,
      `For example: ${flag} ${Math.min(maximum, Math.max(minimum, 3000))}`,
    );
  };
}

/** One of a few words, for an option. */
export function choiceOption(flags: string, choices: readonly string[]) {
  const [flag] = /--[a-z-]+/.exec(flags) ?? [flags];
  return (text: string): string => {
    if (choices.includes(text)) return text;
    throw new UserError("USAGE", `${flag} cannot be "${text}".`, `It is one of ${choices.join(", ")}.`);
  };
}

/** `KEY:VALUE`, as wrangler writes variables and constants. */
export function pairOption(flag: string) {
  return (text: string): readonly [string, string] => {
    const colon = text.indexOf(":");
    if (colon > 0) return [text.slice(0, colon), text.slice(colon + 1)];
    throw new UserError(
      "VAR_INVALID",
      `${flag} takes KEY:VALUE, not "${text}".`,
      `For example: ${flag} GREETING:hello`,
    );
  };
}

/** Puts options under a heading of the help. */
function grouped(group: string, options: readonly OptionDefinition[]): readonly OptionDefinition[] {
  return options.map(option => ({ ...option, group }));
}

/** The heading of the options that every command has. */
export const GLOBAL_GROUP = "Options of all commands";

/** The options of every command. */
export const globalOptions = grouped(GLOBAL_GROUP, [
  {
    flags: "-c, --config <path>",
    summary: "configuration file",
    shownDefault: "the nearest wrangler.json, .jsonc or .toml",
    repeatable: true,
  },
  { flags: "--cwd <dir>", summary: "run as if started in this folder" },
  { flags: "-e, --env <name>", summary: "environment of the configuration", shownDefault: "$CLOUDFLARE_ENV" },
  {
    flags: "--env-file <path>",
    summary: "file of variables, instead of .dev.vars and .env",
    repeatable: true,
  },
  {
    flags: "--log-level <level>",
    summary: "how much is said on stderr",
    choices: LOG_LEVELS,
    shownDefault: "log",
  },
]);

/** All options of a command. One that only groups others has none: it would take those meant for them. */
export function optionsOf(command: Command): readonly OptionDefinition[] {
  return command.run === undefined ? [] : [...(command.options ?? []), ...globalOptions];
}

const MAX_MEMORY_MEGABYTES = 4096 - 64;
const MAX_MILLISECONDS = 2 ** 31 - 1;

/** What the worker is and how it is built. */
export const projectOptions = grouped("The worker and its build", [
  { flags: "--name <name>", summary: "name of the worker" },
  { flags: "--compatibility-date <date>", summary: "date of Cloudflare's runtime to behave like" },
  {
    flags: "--compatibility-flags <flag>",
    alias: "--compatibility-flag",
    summary: "compatibility flag, in place of the configuration's",
    repeatable: true,
  },
  { flags: "--var <KEY:VALUE>", summary: "variable on env", parse: pairOption("--var"), repeatable: true },
  {
    flags: "--define <KEY:VALUE>",
    summary: "constant replaced in the code",
    parse: pairOption("--define"),
    repeatable: true,
  },
  {
    flags: "--alias <MODULE:PATH>",
    summary: "module to use in place of another",
    parse: pairOption("--alias"),
    repeatable: true,
  },
  { flags: "--tsconfig <path>", summary: "tsconfig.json to build with" },
  { flags: "--jsx-factory <name>", summary: "function that JSX elements call" },
  { flags: "--jsx-fragment <name>", summary: "what a JSX fragment is" },
  { flags: "--minify", summary: "minify the code" },
  { flags: "--no-bundle", summary: "take the entry as it is" },
  {
    flags: "--engine <name>",
    summary: "engine to run on: quickjs or v8",
    shownDefault: "$WORKER_ENGINE, else quickjs",
  },
]);

const persistTo: OptionDefinition = {
  flags: "--persist-to <dir>",
  summary: "folder for the data of bindings",
  shownDefault: ".worker/state beside the configuration",
};

/** Where the data is, for commands that use the data alone. */
export const dataOptions = grouped("The data", [
  persistTo,
  { flags: "--local", summary: "as wrangler's: what these commands always do" },
]);

/** Where data is, and what the worker may use. */
export const runtimeOptions = grouped("Data and limits", [
  persistTo,
  {
    flags: "--memory-limit <MB>",
    summary: "memory of an isolate",
    parse: integerOption("--memory-limit", 8, MAX_MEMORY_MEGABYTES),
    shownDefault: "128",
  },
  {
    flags: "--timeout <MS>",
    summary: "time that an event has to answer",
    parse: integerOption("--timeout", 1, MAX_MILLISECONDS),
    shownDefault: "30000",
  },
  {
    flags: "--cpu-limit <MS>",
    summary: "CPU time of an event",
    parse: integerOption("--cpu-limit", 1, MAX_MILLISECONDS),
  },
  {
    flags: "--max-subrequests <N>",
    summary: "requests and binding calls that an event may make",
    parse: integerOption("--max-subrequests", 0, MAX_MILLISECONDS),
    shownDefault: "1000",
  },
]);

/** What commands that serve take beside the worker's options. */
export const assetsOptions = grouped("The worker and its build", [
  { flags: "--assets <dir>", summary: "folder of static assets", shownDefault: "the configuration's" },
]);

/** How the server is reached. */
export const serverOptions = grouped("The server", [
  {
    flags: "-p, --port <number>",
    summary: "port to listen on",
    parse: integerOption("--port", 0, 65_535),
    shownDefault: "8787, or the next that is free; 0 is any that is free",
  },
  {
    flags: "--ip <address>",
    alias: "--host",
    summary: "address to listen on; 0.0.0.0 is all",
    shownDefault: "127.0.0.1",
  },
  {
    flags: "--local-protocol <protocol>",
    summary: "protocol to serve",
    choices: ["http", "https"],
    shownDefault: "http",
  },
  {
    flags: "--https-key-path <path>",
    summary: "private key of the certificate (PEM)",
    shownDefault: "one made here",
  },
  { flags: "--https-cert-path <path>", summary: "certificate (PEM)", shownDefault: "one made here" },
  { flags: "--test-scheduled", summary: "run scheduled() at /__scheduled as well" },
  {
    flags: "--isolates <N>",
    summary: "isolates that serve the worker",
    parse: integerOption("--isolates", 1, 64),
  },
  { flags: "--no-cron", summary: "do not run scheduled() on time" },
]);
