import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { loadCommands } from "../../src/cli/commands/index.ts";
import { parseCommandLine } from "../../src/cli/parser.ts";
import { UserError } from "../../src/errors.ts";
import { cli, folder } from "../helpers/cli.ts";

const commands = await loadCommands();

const run = (args: readonly string[], env = {}) => cli(args, { cwd: folder({}), env });

describe.concurrent("help", () => {
  test("without a command", async () => {
    const { stdout, stderr, code } = await run([]);
    expect([stderr, code]).toEqual(["", 0]);
    for (const { name, summary } of commands)
      expect(stdout).toMatch(new RegExp(`^  ${name}\\b.*${summary}$`, "m"));
    expect(await run(["--help"])).toEqual({ stdout, stderr, code });
    expect(await run(["help"])).toEqual({ stdout, stderr, code });
  });

  const paths = commands.flatMap(command => [
    [command.name],
    ...(command.subcommands ?? []).map(({ name }) => [command.name, name]),
  ]);
  test.each(paths.map(path => [path.join(" ")]))("%s has examples", async name => {
    const { stdout, stderr, code } = await run([...name.split(" "), "--help"]);
    expect([stderr, code]).toEqual(["", 0]);
    expect(stdout).toContain(`Usage: worker ${name}`);
    expect(stdout).toMatch(/\nExamples:\n {2}.*worker /);
  });

  test("a command that only groups others shows its own", async () => {
    const asked = await run(["cron", "--help"]);
    expect(await run(["cron"])).toEqual(asked);
    expect(await run(["help", "cron"])).toEqual(asked);
  });

  test("the version", async () => {
    for (const flag of ["-v", "--version"])
      expect(await run([flag])).toEqual({ stdout: `${manifest.version}\n`, stderr: "", code: 0 });
  });
});

/** A command line that the parser refuses, and the two sentences that it is answered with. */
const REFUSED: readonly (readonly [string, string, string])[] = [
  ["dve", 'Unknown command "dve".', 'Did you mean "dev"?'],
  [
    "frobnicate",
    'Unknown command "frobnicate".',
    `There is: ${commands.map(command => command.name).join(", ")}.`,
  ],
  ["cron lst", 'Unknown command "lst".', 'Did you mean "list"?'],
  [
    "deploy",
    'Unknown command "deploy".',
    'worker runs on this machine and deploys nothing; "worker build" makes the bundle.',
  ],
  ["types", 'Unknown command "types".', "This version does not have it yet."],
  ["dev --prot 3", 'Unknown option "--prot".', "Did you mean --port?"],
  ["dev --no-crn", 'Unknown option "--no-crn".', "Did you mean --no-cron?"],
  ["dev --types", 'Unknown option "--types".', "This version does not have it yet."],
  [
    "run --site public",
    'Unknown option "--site".',
    'Name the folder in the configuration: "site": { "bucket": "public" }.',
  ],
  ["dev --inspector-port 1", 'Unknown option "--inspector-port".', "This version does not have it yet."],
  ["dev --remote", 'Unknown option "--remote".', "Everything runs on this machine: leave it out."],
  ["dev -l", 'Unknown option "-l".', "Everything runs on this machine: leave it out."],
  ["dev --request /", 'Unknown option "--request".', "It is an option of worker run."],
  ["run --live-reload", 'Unknown option "--live-reload".', "It is an option of worker dev."],
  ["build --outfile x", 'Unknown option "--outfile".', "Name a folder: --outdir DIR."],
  ["cron --env x list", 'Unknown option "--env".', "Write it behind the command that it is meant for."],
  [
    "invoke fn -x",
    'Unknown option "-x".',
    "An argument that starts with a dash goes after --: worker invoke fn -- -x",
  ],
  ["--bogus", 'Unknown option "--bogus".', "See worker --help."],
  ["invoke", 'Missing required argument "function".', "See worker invoke --help."],
  ["run --port", 'Option "-p, --port <number>" argument missing.', "See worker run --help."],
  ["dev a b", 'Too many arguments for "dev". Expected 1 argument but got 2: a, b.', "See worker dev --help."],
  [
    "run --port 65536",
    '--port takes a whole number from 0 to 65535, not "65536".',
    "For example: --port 3000",
  ],
  [
    "run --timeout 1.5",
    /^--timeout takes a whole number from 1 to \d+, not "1\.5"\.$/.source,
    "For example: --timeout 3000",
  ],
  [
    "dev --log-level loud",
    '--log-level cannot be "loud".',
    "It is one of none, error, warn, info, log, debug.",
  ],
  ["dev --local-protocol ftp", '--local-protocol cannot be "ftp".', "It is one of http, https."],
  [
    "cron trigger --time noon",
    '--time takes a time in ISO 8601, not "noon".',
    "For example: --time 2026-01-31T08:00:00Z",
  ],
];

/** The same, for what only the command itself can tell. */
const WRONG: readonly (readonly [string, string, string])[] = [
  ["dve", 'Unknown command "dve".', 'Did you mean "dev"?'],
  ["dev --prot 3", 'Unknown option "--prot".', "Did you mean --port?"],
  ["run -X PUT", "--method belongs to a single request.", "Give its path too: --request /path"],
  [
    "run --request / -p 1",
    "--port belongs to a server, and --request starts none.",
    "Leave out one of them.",
  ],
  [
    "run --request / --no-cron",
    "--no-cron belongs to a server, and --request starts none.",
    "Leave out one of them.",
  ],
  [
    "run --request / -H bad",
    '--header takes "Name: value", not "bad".',
    'For example: -H "Accept: text/html"',
  ],
  ["run --request / -X A{B", '"A{B" is not an HTTP method.', "For example: -X DELETE"],
  ["dev --cwd nowhere", 'Cannot enter the folder "nowhere" (--cwd).', "Name a folder that exists."],
  ["--cwd nowhere dev", 'Cannot enter the folder "nowhere" (--cwd).', "Name a folder that exists."],
  [
    "dev -c a.json -c b.json",
    "Several workers at once need service bindings, which this version does not have.",
    "Give one --config.",
  ],
];

test.each(REFUSED)("the parser refuses worker %s", (line, message, hint) => {
  let refusal: unknown;
  try {
    parseCommandLine(commands, line.split(" "), { version: () => "0", colors: () => false, write: () => {} });
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(UserError);
  expect(refusal).toMatchObject({
    code: "USAGE",
    message: message.startsWith("^") ? expect.stringMatching(new RegExp(message)) : message,
    hint,
  });
});

describe.concurrent("wrong usage", () => {
  test.each(WRONG)("worker %s", async (line, message, hint) => {
    const { stdout, stderr, code } = await run(line.split(" "));
    expect([stdout, code]).toEqual(["", 2]);
    const [first = "", second, ...rest] = stderr.split("\n");
    const said = first.replace(/^error: /, "").replace(/ \(USAGE\)$/, "");
    expect([said, second, rest]).toEqual([message, hint, [""]]);
  });

  test("a variable that is none", async () => {
    expect(await run(["dev", "--var", "X"])).toEqual({
      stdout: "",
      stderr: 'error: --var takes KEY:VALUE, not "X". (VAR_INVALID)\nFor example: --var GREETING:hello\n',
      code: 2,
    });
  });

  test.each([
    [["dev", "--engine", "spidermonkey"], {}, "--engine"],
    [["invoke", "f"], { WORKER_ENGINE: "spidermonkey" }, "WORKER_ENGINE"],
  ])("%j: an engine that there is not", async (args, env, origin) => {
    expect(await run(args, env)).toEqual({
      stdout: "",
      stderr: `error: There is no engine "spidermonkey" (${origin}). (ENGINE_UNKNOWN)\nThe engines are quickjs and v8.\n`,
      code: 2,
    });
  });
});

describe.concurrent("the terminal", () => {
  test("colours by FORCE_COLOR, never with NO_COLOR", async () => {
    const sequence = "\u001b[";
    const colored = await run(["dve"], { NO_COLOR: undefined, FORCE_COLOR: "1" });
    expect(colored.stderr).toContain(sequence);
    const plain = await run(["dve"], { FORCE_COLOR: "1" });
    expect(plain.stderr).not.toContain(sequence);
  });

  test("--log-level none says nothing, and still fails", async () => {
    expect(await run(["dev", "--log-level", "none"])).toEqual({ stdout: "", stderr: "", code: 2 });
  });
});
