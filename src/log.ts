/** The one logger: everything that is not a result goes through it, to the stream it was given. */
import { $, blue, bold, cyan, dim, gray, green, magenta, red, yellow } from "kleur/colors";

/** As in wrangler: each level shows itself and those before it. */
export const LOG_LEVELS = ["none", "error", "warn", "info", "log", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the logger writes to: process.stderr, or anything that takes text. */
export interface LogStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

// kleur decides by process.stdout; here each stream is asked for itself.
$.enabled = true;
const STYLES = { bold, dim, red, green, yellow, blue, magenta, cyan, gray };
type Style = keyof typeof STYLES;

/** Text styles; each returns its text unchanged where there is no colour. */
export type Colors = { readonly [style in Style]: (text: string) => string } & { readonly enabled: boolean };

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a stream shows colours: never with NO_COLOR (https://no-color.org), else by FORCE_COLOR, else on a terminal. */
export function wantsColor(stream: LogStream, env: Environment): boolean {
  if (env["NO_COLOR"]) return false;
  const force = env["FORCE_COLOR"];
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

/** The styles for one stream. */
export function colorsFor(stream: LogStream, env: Environment): Colors {
  return wantsColor(stream, env) ? COLORED : PLAIN;
}

const COLORED: Colors = { ...STYLES, enabled: true };
const PLAIN: Colors = {
  ...(Object.fromEntries(Object.keys(STYLES).map(style => [style, (text: string) => text])) as typeof STYLES),
  enabled: false,
};

export interface Logger {
  readonly colors: Colors;
  level: LogLevel;
  /** Whether a message of this level would be shown: ask before building an expensive one. */
  shows(level: LogLevel): boolean;
  debug(message: string): void;
  info(message: string): void;
  log(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface LoggerOptions {
  readonly stream: LogStream;
  readonly level?: LogLevel | undefined;
  readonly env?: Environment | undefined;
}

/** A logger that writes lines to one stream. The level may be changed later. */
export function createLogger(options: LoggerOptions): Logger {
  const { stream, env = process.env } = options;
  let colors: Colors | undefined;
  const logger: Logger = {
    // Asked for late: to make process.stderr takes some time, and most commands write nothing to it.
    get colors() {
      colors ??= colorsFor(stream, env);
      return colors;
    },
    level: options.level ?? "log",
    shows: level => level !== "none" && LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(logger.level),
    debug: message => write("debug", logger.colors.dim(message)),
    info: message => write("info", message),
    log: message => write("log", message),
    warn: message => write("warn", `${logger.colors.yellow("warning:")} ${message}`),
    error: message => write("error", `${logger.colors.red("error:")} ${message}`),
  };
  const write = (level: LogLevel, text: string): void => {
    if (logger.shows(level)) stream.write(`${text}\n`);
  };
  return logger;
}

/** The level of that name; undefined where there is none. */
export function parseLogLevel(text: string): LogLevel | undefined {
  return LOG_LEVELS.find(level => level === text.toLowerCase());
}
