/** Message-IDs, as Cloudflare makes them for what a worker sends. */
import { randomInt } from "node:crypto";
import { domainToASCII } from "node:url";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH = 36;

/** A new one, in the domain of this address. */
export function newMessageId(address: string): string {
  const id = Array.from({ length: LENGTH }, () => LETTERS.charAt(randomInt(LETTERS.length))).join("");
  return `<${id}@${domainOf(address)}>`;
}

function domainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf("@") + 1);
  if (/^\[[\x21-\x5a\x5e-\x7e]+\]$/.test(domain)) return domain;
  const ascii = /[\s/:?#@[\]\\<>%]/.test(domain) ? "" : domainToASCII(domain);
  return address.includes("@") && ascii !== "" ? ascii : "localhost";
}
