/** The XML of the S3 API. */
import { XMLParser } from "fast-xml-parser";
import { S3Error } from "./error.ts";

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** An element's content: text, elements by name, or several of one name. Undefined leaves it out. */
export type XmlContent =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlContent[]
  | { readonly [name: string]: XmlContent };

export function toXml(root: string, content: XmlContent): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${inner(content)}</${root}>`;
}

/** An error's document has no namespace. */
export function errorXml(content: XmlContent): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("Error", content)}`;
}

function element(name: string, content: XmlContent): string {
  if (content === undefined) return "";
  if (Array.isArray(content)) return content.map(item => element(name, item as XmlContent)).join("");
  return `<${name}>${inner(content)}</${name}>`;
}

function inner(content: XmlContent): string {
  if (typeof content !== "object") return escapeXml(String(content ?? ""));
  return Object.entries(content)
    .map(([name, value]) => element(name, value as XmlContent))
    .join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escapeXml(text: string): string {
  return text.replace(
    // Keys may have control characters, which S3 escapes though XML 1.0 cannot have them.
    /[&<>"\u0000-\u001f\u007f\ufffe\uffff]/g,
    character => ENTITIES[character] ?? `&#x${character.charCodeAt(0).toString(16)};`,
  );
}

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  removeNSPrefix: true,
});

type Parsed = string | { readonly [name: string]: Parsed | readonly Parsed[] };

/** The elements of `item` inside the root element, and the texts of `fields` in each; and the texts beside them. */
export function parseXml(
  text: string,
  root: string,
  item: string,
): { readonly items: readonly Element[]; readonly root: Element } {
  // Entities of their own are no part of the API, and could be made to expand without end.
  if (/<!DOCTYPE/i.test(text)) throw malformedXml();
  let parsed: Parsed | undefined;
  try {
    parsed = (parser.parse(text, true) as { [name: string]: Parsed })[root];
  } catch {
    throw malformedXml();
  }
  if (parsed === undefined || typeof parsed === "string") throw malformedXml();
  const items = parsed[item];
  const list = items === undefined ? [] : Array.isArray(items) ? items : [items as Parsed];
  return { items: list.map(found => new Element(found)), root: new Element(parsed) };
}

/** An element that was parsed. */
export class Element {
  readonly #parsed: Parsed;

  constructor(parsed: Parsed) {
    this.#parsed = parsed;
  }

  /** The text of a child; undefined where there is none. */
  text(name: string): string | undefined {
    if (typeof this.#parsed === "string" || !Object.hasOwn(this.#parsed, name)) return undefined;
    const value = this.#parsed[name];
    return typeof value === "string" ? value : undefined;
  }
}

export function malformedXml(): S3Error {
  return new S3Error(
    400,
    "MalformedXML",
    "The XML you provided was not well formed or did not validate against our published schema.",
  );
}
