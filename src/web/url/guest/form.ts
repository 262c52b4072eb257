/** application/x-www-form-urlencoded (https://url.spec.whatwg.org/#application/x-www-form-urlencoded). */
import { percentDecode } from "./percent.ts";

const encodeRun = encodeURIComponent;

const decodePlus = (text: string): string =>
  percentDecode(text.includes("+") ? text.replaceAll("+", " ") : text);

/** The name-value pairs of a query or of a form's body, as text. */
export function parseForm(text: string): [string, string][] {
  const pairs: [string, string][] = [];
  if (text === "") return pairs;
  for (const part of text.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    if (equals < 0) pairs.push([decodePlus(part), ""]);
    else pairs.push([decodePlus(part.slice(0, equals)), decodePlus(part.slice(equals + 1))]);
  }
  return pairs;
}

const replacements: Readonly<Record<string, string>> = {
  "!": "%21",
  "'": "%27",
  "(": "%28",
  ")": "%29",
  "~": "%7E",
  "%20": "+",
};

function encodePart(text: string): string {
  if (!/[^A-Za-z0-9*\-._]/.test(text)) return text;
  return encodeRun(text).replace(/[!'()~]|%20/g, match => replacements[match]!);
}

/** The reverse of `parseForm`. */
export function serializeForm(pairs: readonly (readonly [string, string])[]): string {
  let text = "";
  for (const [name, value] of pairs)
    text += `${text === "" ? "" : "&"}${encodePart(name)}=${encodePart(value)}`;
  return text;
}
