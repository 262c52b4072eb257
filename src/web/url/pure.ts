/** The URL room's pure ops: names of hosts beyond ASCII. */
import { domainToASCII, domainToUnicode } from "node:url";
import type { UrlSyncOps } from "./contract.ts";

export const urlPures = {
  "url.domainToASCII": domainToASCII,
  "url.domainToUnicode": domainToUnicode,
} satisfies UrlSyncOps;
