/** The options of `inspect`, and what it carries through a value's levels. */
import type { Layout } from "./layout.ts";

export type Style =
  | "bigint"
  | "boolean"
  | "date"
  | "module"
  | "name"
  | "null"
  | "number"
  | "regexp"
  | "special"
  | "string"
  | "symbol"
  | "undefined";

export interface InspectOptions {
  /** How many levels of contents are shown; null or Infinity for all. */
  depth?: number | null;
  /** Also shows properties that are not enumerable. */
  showHidden?: boolean;
  colors?: boolean;
  /** Whether objects' own `[Symbol.for("nodejs.util.inspect.custom")]` is asked. */
  customInspect?: boolean;
  breakLength?: number;
  compact?: number | boolean;
  maxArrayLength?: number | null;
  maxStringLength?: number | null;
  sorted?: boolean | ((a: string, b: string) => number);
}

export type Format = (context: Context, value: unknown, level: number) => string;

export interface Context extends Layout {
  readonly options: Required<InspectOptions>;
  readonly depth: number;
  readonly maxStringLength: number;
  /** Writes a value that stands inside another. */
  readonly format: Format;
  /** The values around the one being written, outermost first. */
  readonly around: object[];
  /** The numbers of the values that something inside them refers back to. */
  circular: Map<object, number> | undefined;
}

const defaults: Required<InspectOptions> = {
  depth: 2,
  showHidden: false,
  colors: false,
  customInspect: true,
  breakLength: 80,
  compact: 3,
  maxArrayLength: 100,
  maxStringLength: 10_000,
  sorted: false,
};

/** Fills the options in, and starts at the outermost level. */
export function createContext(given: InspectOptions, format: Format): Context {
  let options = defaults;
  for (const key of Object.keys(given) as (keyof InspectOptions)[]) {
    if (given[key] === undefined || !Object.hasOwn(defaults, key)) continue;
    if (options === defaults) options = { ...defaults };
    Object.assign(options, { [key]: given[key] });
  }
  const { compact } = options;
  return {
    options,
    format,
    depth: options.depth ?? Number.POSITIVE_INFINITY,
    maxStringLength: options.maxStringLength ?? Number.POSITIVE_INFINITY,
    maxArrayLength: options.maxArrayLength ?? Number.POSITIVE_INFINITY,
    breakLength: options.breakLength,
    compact: typeof compact === "number" ? compact : compact ? 3 : 0,
    indentation: 0,
    currentLevel: 0,
    around: [],
    circular: undefined,
  };
}

const colors: { readonly [K in Style]?: readonly [open: number, close: number] } = {
  special: [36, 39],
  number: [33, 39],
  bigint: [33, 39],
  boolean: [33, 39],
  undefined: [90, 39],
  null: [1, 22],
  string: [32, 39],
  symbol: [32, 39],
  date: [35, 39],
  regexp: [31, 39],
  module: [4, 24],
};

/** Gives a text the colour of its kind, where colours are wanted. */
export function stylize(context: Context, text: string, style: Style): string {
  const color = context.options.colors ? colors[style] : undefined;
  return color === undefined ? text : `\u001b[${color[0]}m${text}\u001b[${color[1]}m`;
}
