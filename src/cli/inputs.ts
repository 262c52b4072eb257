/** From parsed options to what the runtime takes. */

import { TOKEN } from "../bindings/token.ts";
import { UserError } from "../errors.ts";
import { chooseEngine } from "../runtime/engine-choice.ts";
import { DEFAULT_LIMITS } from "../runtime/limits.ts";
import type { OneRequest } from "../runtime/one-request.ts";
import type { DataInput, ProjectInput } from "../runtime/project.ts";
import type { CommandContext } from "./command.ts";

type Options = Readonly<Record<string, unknown>>;
type Pairs = readonly (readonly [string, string])[];

const text = (value: unknown) => value as string | undefined;
const list = (value: unknown) => (value ?? []) as readonly string[];
const record = (value: unknown) => (value === undefined ? undefined : Object.fromEntries(value as Pairs));

const MEGABYTE = 1024 * 1024;

/** The options of a worker: its configuration, its build, its limits. */
export function projectInput(
  context: CommandContext,
  entry: string | undefined,
  options: Options,
): ProjectInput {
  return {
    engine: chooseEngine(text(options["engine"]), context.env),
    memoryBytes:
      ((options["memoryLimit"] as number | undefined) ?? DEFAULT_LIMITS.memoryBytes / MEGABYTE) * MEGABYTE,
    wallMilliseconds: (options["timeout"] as number | undefined) ?? DEFAULT_LIMITS.wallMilliseconds,
    scheduledMilliseconds: (options["timeout"] as number | undefined) ?? DEFAULT_LIMITS.scheduledMilliseconds,
    persistTo: text(options["persistTo"]),
    load: {
      ...configurationInput(context, options),
      entry,
      vars: record(options["var"]),
      overrides: {
        name: text(options["name"]),
        assets: text(options["assets"]),
        compatibilityDate: text(options["compatibilityDate"]),
        compatibilityFlags:
          options["compatibilityFlags"] === undefined ? undefined : list(options["compatibilityFlags"]),
        define: record(options["define"]),
        alias: record(options["alias"]),
        tsconfig: text(options["tsconfig"]),
        jsxFactory: text(options["jsxFactory"]),
        jsxFragment: text(options["jsxFragment"]),
        minify: options["minify"] === true ? true : undefined,
        noBundle: options["bundle"] === false ? true : undefined,
        cpuMs: options["cpuLimit"] as number | undefined,
        subrequests: options["maxSubrequests"] as number | undefined,
        ip: text(options["ip"]),
        port: options["port"] as number | undefined,
        localProtocol: options["localProtocol"] as "http" | "https" | undefined,
      },
    },
  };
}

/** The options of commands that use the data alone. */
export function dataInput(context: CommandContext, options: Options): DataInput {
  return {
    persistTo: text(options["persistTo"]),
    load: configurationInput(context, options),
  };
}

/** The options of all commands: which configuration is meant. */
function configurationInput(context: CommandContext, options: Options): ProjectInput["load"] {
  return {
    cwd: context.cwd,
    configPaths: list(options["config"]),
    env: text(options["env"]),
    envFiles: options["envFile"] === undefined ? undefined : list(options["envFile"]),
    processEnv: context.env,
  };
}

export interface ServerInput {
  readonly httpsKeyPath: string | undefined;
  readonly httpsCertPath: string | undefined;
  readonly testScheduled: boolean;
  readonly fireCrons: boolean;
}

export function serverInput(_context: CommandContext, options: Options): ServerInput {
  return {
    httpsKeyPath: text(options["httpsKeyPath"]),
    httpsCertPath: text(options["httpsCertPath"]),
    testScheduled: options["testScheduled"] === true,
    fireCrons: options["cron"] !== false,
  };
}

const REQUEST_ONLY = ["method", "header", "data", "include", "fail"];
const SERVER_ONLY = [
  "port",
  "ip",
  "localProtocol",
  "httpsKeyPath",
  "httpsCertPath",
  "testScheduled",
  "isolates",
];
const SERVER_ONLY_FLAGS = ["requestLog", "verboseErrors"];

/** The request of `run --request`; undefined without it. */
export function requestInput(options: Options): OneRequest | undefined {
  const target = text(options["request"]);
  const given = (names: readonly string[]) => names.find(name => options[name] !== undefined);
  if (target === undefined) {
    const lonely = given(REQUEST_ONLY);
    if (lonely === undefined) return undefined;
    throw new UserError(
      "USAGE",
      `${flagOf(lonely)} belongs to a single request.`,
      "Give its path too: --request /path",
    );
  }
  const idle =
    given([...SERVER_ONLY, ...SERVER_ONLY_FLAGS]) ?? (options["cron"] === false ? "no-cron" : undefined);
  if (idle !== undefined) {
    throw new UserError(
      "USAGE",
      `${flagOf(idle)} belongs to a server, and --request starts none.`,
      "Leave out one of them.",
    );
  }
  const data = text(options["data"]);
  return {
    target,
    method: methodOf(text(options["method"]) ?? (data === undefined ? "GET" : "POST")),
    headers: list(options["header"]).map(parseHeader),
    data,
    include: options["include"] === true,
    fail: options["fail"] === true,
  };
}

const flagOf = (name: string) => `--${name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;

const NORMALIZED = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]);

/** The method as `new Request()` would have it. */
function methodOf(method: string): string {
  if (!TOKEN.test(method)) {
    throw new UserError("USAGE", `"${method}" is not an HTTP method.`, "For example: -X DELETE");
  }
  return NORMALIZED.has(method.toUpperCase()) ? method.toUpperCase() : method;
}

function parseHeader(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(0, colon));
  const value = line.slice(colon + 1).trim();
  if (TOKEN.test(name) && !/[\0\r\n]/.test(value)) return [name, value];
  throw new UserError(
    "USAGE",
    `--header takes "Name: value", not "${line}".`,
    'For example: -H "Accept: text/html"',
  );
}
