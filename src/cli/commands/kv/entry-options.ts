/** How long a value is to last, and what is kept beside it: the options of both puts. */
import { UserError } from "../../../errors.ts";
import type { OptionDefinition } from "../../command.ts";
import { integerOption } from "../../options.ts";

const MAX_SECONDS = 2 ** 31 - 1;

export const entryOptions: readonly OptionDefinition[] = [
  {
    flags: "--ttl <seconds>",
    summary: "how long the value is to last; wins over --expiration",
    parse: integerOption("--ttl", 1, MAX_SECONDS),
  },
  {
    flags: "--expiration <seconds>",
    summary: "when it is to end, in seconds since the epoch",
    parse: integerOption("--expiration", 1, MAX_SECONDS),
  },
  { flags: "--metadata <json>", summary: "metadata of the entry", parse: parseMetadata },
];

/** JSON, as it was parsed: `undefined` is no metadata. */
function parseMetadata(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(
      "USAGE",
      `--metadata takes JSON, not "${text}".`,
      `For example: --metadata '{"a": 1}'`,
    );
  }
}

export interface EntrySettings {
  readonly expiration: number | null;
  readonly ttl: number | null;
  readonly metadata: string | null;
}

/** What `KVHost.put` takes, from parsed values. */
export function entrySettings(values: {
  readonly expiration?: unknown;
  readonly ttl?: unknown;
  readonly metadata?: unknown;
}): EntrySettings {
  const { expiration, ttl, metadata } = values;
  return {
    expiration: (expiration as number | undefined) ?? null,
    ttl: (ttl as number | undefined) ?? null,
    metadata: metadata === undefined || metadata === null ? null : JSON.stringify(metadata),
  };
}
