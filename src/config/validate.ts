/** A schema's findings as diagnostics: wrong values are errors, unknown keys are warnings and go away. */
import type * as z from "zod/mini";
import { closest, type Diagnostics, type KeyPath } from "./diagnostics.ts";

/**
 * Checks an object. Its unknown keys are warnings, its wrong ones errors, and both are deleted from it: what is returned
 * has the schema's shape, so that the checks that come after it find their problems in the same run.
 */
export function validate<Schema extends z.ZodMiniType>(
  schema: Schema,
  value: unknown,
  at: KeyPath,
  diagnostics: Diagnostics,
): z.output<Schema> | null {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const wrong = new Set<PropertyKey>();
  for (const issue of result.error.issues) {
    const path = issue.path as (string | number)[];
    if (issue.code === "unrecognized_keys") {
      const known = keysAt(schema, path);
      for (const key of issue.keys) {
        warnUnknown([...at, ...path, key], known, diagnostics);
        delete (valueAt(value, path) as Record<string, unknown>)[key];
      }
    } else {
      diagnostics.error([...at, ...path], describe(issue, valueAt(value, path)));
      // Not an object at all.
      if (path.length === 0) return null;
      wrong.add(path[0]!);
    }
  }
  for (const key of wrong) delete (value as Record<PropertyKey, unknown>)[key];
  return validate(schema, value, at, diagnostics);
}

function warnUnknown(path: KeyPath, known: readonly string[], diagnostics: Diagnostics): void {
  diagnostics.warn(path, () => {
    const near = closest(String(path.at(-1)), known);
    return `is not a known key${near === undefined ? "" : `; did you mean "${near}"?`}`;
  });
}

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      return `should be ${article(issue.expected)}, not ${nameOf(value)}`;
    case "invalid_value":
      return `should be one of ${issue.values.map(choice => JSON.stringify(choice)).join(", ")}, not ${nameOf(value)}`;
    case "too_small":
      return typeof value === "number"
        ? `should be at least ${issue.minimum}, not ${value}`
        : "should not be empty";
    case "too_big":
      return `should be at most ${issue.maximum}, not ${nameOf(value)}`;
    case "invalid_union": {
      const expected = issue.errors.flatMap(branch => branch.map(inner => expectedBy(inner)));
      const list = [...new Set(expected.filter(text => text !== undefined))].join(" or ");
      return list === "" ? `has a wrong value: ${nameOf(value)}` : `should be ${list}, not ${nameOf(value)}`;
    }
    default:
      return issue.message === "" ? `has a wrong value: ${nameOf(value)}` : issue.message;
  }
}

function expectedBy(issue: z.core.$ZodIssue): string | undefined {
  return issue.code === "invalid_type" ? article(issue.expected) : undefined;
}

const NAMES: Readonly<Record<string, string>> = {
  array: "a list",
  object: "an object",
  record: "an object",
  boolean: "true or false",
  int: "a whole number",
  null: "null",
};

function article(type: string): string {
  return NAMES[type] ?? `a ${type}`;
}

/** A wrong value as a message names it. */
function nameOf(value: unknown): string {
  if (value === undefined) return "absent";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date (put it in quotes)";
  if (typeof value === "object") return "an object";
  const text = JSON.stringify(value) ?? String(value);
  return `${typeof value === "boolean" ? "" : `the ${typeof value} `}${text.length > 40 ? `${text.slice(0, 37)}...` : text}`;
}

function valueAt(root: unknown, path: KeyPath): unknown {
  let value = root;
  for (const part of path) value = (value as Record<string | number, unknown> | undefined)?.[part];
  return value;
}

/** The names of the keys that the schema has at a place inside it. */
function keysAt(schema: z.core.$ZodType, path: KeyPath): readonly string[] {
  let at: z.core.$ZodType | undefined = unwrap(schema);
  for (const part of path) {
    const { def } = at._zod as {
      def: {
        shape?: Record<string, z.core.$ZodType>;
        element?: z.core.$ZodType;
        valueType?: z.core.$ZodType;
      };
    };
    const next: z.core.$ZodType | undefined = def.shape?.[part] ?? def.element ?? def.valueType;
    if (next === undefined) return [];
    at = unwrap(next);
  }
  return Object.keys((at._zod.def as { shape?: object }).shape ?? {});
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const { innerType } = schema._zod.def as { innerType?: z.core.$ZodType };
  return innerType === undefined ? schema : unwrap(innerType);
}
