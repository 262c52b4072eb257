/**
 * Cron expressions in Cloudflare's syntax: https://developers.cloudflare.com/workers/configuration/cron-triggers/
 *
 * What is here is what Cloudflare's own parser takes (https://github.com/cloudflare/saffron). Croner's syntax is wider
 * in some places (nicknames, `?`, seconds, weekday 8) and narrower in others (`5/15`, `fri-mon`, `L` for Saturday),
 * so each field is read here and handed on in a form that means the same to both: numbers, and `L`, `W`, `#`.
 */
import { UserError } from "../../errors.ts";
import { type CronFields, CronPattern } from "./pattern.ts";

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Three-letter names of the values, from the least on. */
  readonly names?: readonly string[];
  /** The forms that a field has beside lists, ranges and steps; each of them stands alone. */
  readonly special?: (text: string, numberOf: (text: string) => number) => string | undefined;
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: readonly Field[] = [
  { name: "minute", least: 0, most: 59 },
  { name: "hour", least: 0, most: 23 },
  {
    name: "day of month",
    least: 1,
    most: 31,
    special(text, numberOf) {
      if (text === "L" || text === "LW") return text;
      const [, offset, weekday] = /^L-(\d+)(W?)$/.exec(text) ?? [];
      if (offset !== undefined) {
        if (Number(offset) < 1 || Number(offset) > 30) throw new Error("an offset must be between 1 and 30");
        return `L-${Number(offset)}${weekday}`;
      }
      const [, day] = /^(\d+)W$/.exec(text) ?? [];
      return day === undefined ? undefined : `${numberOf(day)}W`;
    },
  },
  { name: "month", least: 1, most: 12, names: MONTHS },
  {
    name: "day of week",
    least: 1,
    most: 7,
    names: WEEKDAYS,
    special(text, numberOf) {
      if (text === "L") return "7";
      const [, day, last, nth] = /^(\w+?)(?:(L)|#(\d+))$/.exec(text) ?? [];
      if (day === undefined) return undefined;
      if (last !== undefined) return `${numberOf(day)}L`;
      if (Number(nth) < 1 || Number(nth) > 5) throw new Error(`a month has no weekday number ${nth}`);
      return `${numberOf(day)}#${Number(nth)}`;
    },
  },
];

/** The pattern of an expression. Throws a `UserError` where it is not in Cloudflare's syntax, or names no date. */
export function parseCron(expression: string): CronPattern {
  try {
    return read(expression);
  } catch (error) {
    throw new UserError(
      "CRON_INVALID",
      `The cron expression "${expression}" is not valid: ${(error as Error).message}.`,
      'Write five fields: minute, hour, day of month, month, day of week (1 = Sunday), such as "*/15 * * * *".',
    );
  }
}

/** What is wrong with a cron expression; undefined where nothing is. */
export function cronProblem(expression: string): string | undefined {
  try {
    read(expression);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Throws a `UserError` where the expression is not in Cloudflare's syntax. */
export function checkCron(expression: string): void {
  parseCron(expression);
}

function read(expression: string): CronPattern {
  const pattern = new CronPattern(translate(expression));
  if (pattern.next(0) === undefined) throw new Error("there is no such date");
  return pattern;
}

function translate(expression: string): CronFields {
  const texts = expression.trim().split(/[ \t]+/);
  if (texts.length !== FIELDS.length || texts[0] === "") {
    const count = texts[0] === "" ? 0 : texts.length;
    throw new Error(`it has ${count} field${count === 1 ? "" : "s"} and not five`);
  }
  return FIELDS.map((field, index) => translateField(field, texts[index] as string)) as unknown as CronFields;
}

function translateField(field: Field, text: string): string {
  if (text === "*") return text;
  try {
    const special = field.special?.(text, value => numberOf(field, value));
    if (special !== undefined) return special;
    return text
      .split(",")
      .flatMap(item => valuesOf(field, item))
      .join(",");
  } catch (error) {
    throw new Error(`in the ${field.name} "${text}", ${(error as Error).message}`);
  }
}

// `5`, `5-10`, `5-10/2`, `5/2` and `*/2`. A range may go past the end and begin anew, as in `fri-mon`.
function valuesOf(field: Field, item: string): number[] {
  const [, first, last, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(item) ?? [];
  if (first === undefined || (first === "*" && (last !== undefined || step === undefined))) {
    throw new Error(`"${item}" is not understood`);
  }
  const { least, most } = field;
  const span = most - least + 1;
  const from = first === "*" ? least : numberOf(field, first);
  const to = last !== undefined ? numberOf(field, last) : step === undefined ? from : most;
  const stride = step === undefined ? 1 : Number(step);
  if (stride < 1 || stride > span) throw new Error(`a step must be between 1 and ${span}`);
  const length = ((to - from + span) % span) + 1;
  const values: number[] = [];
  for (let offset = 0; offset < length; offset += stride)
    values.push(least + ((from - least + offset) % span));
  return values;
}

function numberOf({ least, most, names }: Field, text: string): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return least + named;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) throw new Error(`"${text}" is not understood`);
  if (value < least || value > most) throw new Error(`${text} is not between ${least} and ${most}`);
  return value;
}
