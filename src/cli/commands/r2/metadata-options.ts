/** What an object is served with: the options of both puts. */
import type { R2MetadataSettings } from "../../../bindings/r2/bucket.ts";
import { UserError } from "../../../errors.ts";
import type { OptionDefinition } from "../../command.ts";

export const metadataOptions: readonly OptionDefinition[] = [
  { flags: "--content-type <type>", alias: "--ct", summary: "media type of the object" },
  {
    flags: "--content-disposition <text>",
    alias: "--cd",
    summary: "how a browser is to present it, such as attachment",
  },
  {
    flags: "--content-encoding <coding>",
    alias: "--ce",
    summary: "what it has been encoded with, such as gzip",
  },
  { flags: "--content-language <language>", alias: "--cl", summary: "language of the object" },
  { flags: "--cache-control <directives>", alias: "--cc", summary: "how it may be cached" },
  {
    flags: "--expires <date>",
    summary: "until when: a date, or milliseconds since the epoch",
    parse: parseExpires,
  },
  {
    flags: "-s, --storage-class <class>",
    summary: "storage class",
    choices: ["Standard", "InfrequentAccess"],
    shownDefault: "Standard",
  },
];

function parseExpires(text: string): number {
  const time = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new UserError(
    "USAGE",
    `--expires takes a date, not "${text}".`,
    "For example: --expires 2026-12-31T00:00:00Z",
  );
}

export function metadataSettings(options: Readonly<Record<string, unknown>>): R2MetadataSettings {
  const fields = {
    contentType: options["contentType"],
    contentDisposition: options["contentDisposition"],
    contentEncoding: options["contentEncoding"],
    contentLanguage: options["contentLanguage"],
    cacheControl: options["cacheControl"],
    cacheExpiry: options["expires"],
  };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return {
    httpMetadata: Object.fromEntries(given),
    storageClass: options["storageClass"] as string | undefined,
  };
}
