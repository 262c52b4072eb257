/** The items of a file of `kv bulk put`. */
import { type Checked, describeItem } from "./file.ts";

/** What an item should be, for a message. */
export const WANTED =
  'objects with "key" and "value" (strings) and, if you like, "expiration", "expiration_ttl", "metadata", "base64"';

export interface Item {
  readonly key: string;
  readonly value: string;
  /** Seconds since the epoch. */
  readonly expiration?: number;
  /** Seconds from now. */
  readonly expiration_ttl?: number;
  readonly metadata?: unknown;
  /** Whether the value is bytes in base64. */
  readonly base64?: boolean;
}

interface Field {
  readonly is: string;
  readonly required?: true;
  matches(value: unknown): boolean;
}

const text: Field = { is: "a string", required: true, matches: value => typeof value === "string" };
const seconds: Field = { is: "a whole number of seconds", matches: Number.isSafeInteger };

const FIELDS: Readonly<Record<keyof Item, Field>> = {
  key: text,
  value: text,
  expiration: seconds,
  expiration_ttl: seconds,
  metadata: { is: "JSON", matches: () => true },
  base64: { is: "true or false", matches: value => typeof value === "boolean" },
};

/** An item, or what is wrong with it. */
export function checkItem(value: unknown): Checked<Item> {
  const fault = faultOf(value);
  return fault === undefined ? { item: value as Item } : { fault: `is ${describeItem(value)}${fault}` };
}

/** The properties of an item that mean nothing. */
export function unknownProperties(item: Item): readonly string[] {
  return Object.keys(item).filter(name => !Object.hasOwn(FIELDS, name));
}

function faultOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "";
  const item = value as Readonly<Record<string, unknown>>;
  for (const [name, field] of Object.entries(FIELDS)) {
    const given = Object.hasOwn(item, name) ? item[name] : undefined;
    if (given === undefined ? field.required : !field.matches(given)) return `: "${name}" is ${field.is}`;
  }
  return item["base64"] === true && !isBase64(item["value"] as string)
    ? ': "value" is not base64'
    : undefined;
}

/** Node decodes anything; what is encoded again must be what came, but for padding, line breaks and the alphabet. */
function isBase64(encoded: string): boolean {
  const compact = encoded.replaceAll(/\s/g, "").replace(/=+$/, "");
  const standard = compact.replaceAll("-", "+").replaceAll("_", "/");
  return Buffer.from(encoded, "base64").toString("base64").replace(/=+$/, "") === standard;
}
