/** A start tag as handlers change it, and what they want of its end tag. */

import { LIMITS } from "../limits.ts";
import type { Charset } from "./charset.ts";
import { type Content, Mutations, type Part, type SourceRange, TokenState } from "./content.ts";
import { parserError } from "./errors.ts";
import { asciiLower, lowerName } from "./names.ts";
import { ATTRIBUTE_FIELDS, type TagScan } from "./scan.ts";
import { NAMESPACE_URIS, type Namespace } from "./tree-simulator.ts";

const FORBIDDEN_IN_TAG = /[ \n\r\t\f/>]/;
const FORBIDDEN_IN_ATTRIBUTE = /[ \n\r\t\f/>=]/;

/** An attribute: as it stood in the source, or with a value that was set. */
class Attribute {
  /** In lower case. */
  readonly name: string;
  /** The whole of it and its name in the source, where it comes from there. */
  readonly source: SourceRange | undefined;
  readonly #sourceName: SourceRange | string;
  readonly #readValue: () => string;
  #value: string | undefined;
  changed: boolean;

  constructor(
    name: string,
    sourceName: SourceRange | string,
    source: SourceRange | undefined,
    readValue: () => string,
  ) {
    this.name = name;
    this.#sourceName = sourceName;
    this.source = source;
    this.#readValue = readValue;
    this.changed = source === undefined;
  }

  get value(): string {
    this.#value ??= this.#readValue();
    return this.#value;
  }

  set value(value: string) {
    this.#value = value;
    this.changed = true;
  }

  addTo(parts: Part[]): void {
    const { value } = this;
    parts.push(" ", this.#sourceName, `="${value.includes('"') ? value.replace(/"/g, "&quot;") : value}"`);
  }
}

/** What a handler is called with, and on. */
export interface Callback {
  readonly call: (token: object) => unknown;
  readonly receiver: object | undefined;
}

export class StartTagState extends TokenState {
  readonly namespaceURI: string;
  readonly hasContent: boolean;
  /** What the end tag is to become; its handler. */
  endMutations: Mutations | undefined;
  endName: string | undefined;
  onEndTag: Callback | undefined;
  removesContent = false;
  readonly #charset: Charset;
  #name: string | undefined;
  readonly #sourceName: string;
  #selfClosing: boolean;
  #changed = false;
  #attributes: Attribute[] | undefined;
  readonly #binary: string;
  readonly #from: number;
  readonly #scan: TagScan;
  readonly #source: Part;

  constructor(
    charset: Charset,
    scan: TagScan,
    binary: string,
    from: number,
    namespace: Namespace,
    hasContent: boolean,
  ) {
    super();
    this.#charset = charset;
    this.#scan = scan;
    this.#binary = binary;
    this.#from = from;
    this.#source = { from, to: from + scan.end };
    this.#sourceName = binary.slice(from + scan.nameStart, from + scan.nameEnd);
    this.#selfClosing = scan.selfClosing;
    this.namespaceURI = NAMESPACE_URIS[namespace];
    this.hasContent = hasContent;
  }

  get name(): string {
    return lowerName(this.#name ?? this.#charset.decodeBinary(this.#sourceName));
  }

  set name(name: string) {
    if (name === "") throw parserError("Tag name can't be empty.");
    if (!/^[a-zA-Z]/.test(name)) {
      throw parserError("The first character of the tag name should be an ASCII alphabetical character.");
    }
    checkName(name, "tag", FORBIDDEN_IN_TAG, this.#charset);
    this.#name = name;
    this.#changed = true;
    if (this.hasContent) this.endName = name;
  }

  get attributes(): Attribute[] {
    this.#attributes ??= this.#readAttributes();
    return this.#attributes;
  }

  find(name: string): Attribute | undefined {
    const lower = lowerName(name);
    return this.attributes.find(attribute => attribute.name === lower);
  }

  setAttribute(name: string, value: string): void {
    const lower = lowerName(name);
    if (lower === "") throw parserError("Attribute name can't be empty.");
    checkName(lower, "attribute", FORBIDDEN_IN_ATTRIBUTE, this.#charset);
    const attribute = this.find(lower);
    if (attribute !== undefined) attribute.value = value;
    else this.attributes.push(new Attribute(lower, lower, undefined, () => value));
    this.#changed = true;
  }

  removeAttribute(name: string): void {
    const lower = lowerName(name);
    const left = this.attributes.filter(attribute => attribute.name !== lower);
    if (left.length === this.attributes.length) return;
    this.#attributes = left;
    this.#changed = true;
  }

  mutateEnd(): Mutations {
    this.endMutations ??= new Mutations();
    return this.endMutations;
  }

  after(content: Content): void {
    (this.hasContent ? this.mutateEnd() : this.mutate()).after.unshift(content);
  }

  prepend(content: Content): void {
    if (!this.hasContent) return;
    this.#selfClosing = false;
    this.mutate().after.unshift(content);
  }

  append(content: Content): void {
    if (!this.hasContent) return;
    this.#selfClosing = false;
    this.mutateEnd().before.push(content);
  }

  setInnerContent(content: Content): void {
    if (!this.hasContent) return;
    this.#selfClosing = false;
    this.#removeContent();
    this.mutate().after.push(content);
  }

  replace(content: Content): void {
    this.mutate().replace(content);
    this.#removeAll();
  }

  remove(): void {
    this.mutate().removed = true;
    this.#removeAll();
  }

  removeAndKeepContent(): void {
    this.mutate().removed = true;
    if (this.hasContent) this.mutateEnd().removed = true;
  }

  /** Whether the end tag is to be heard of. */
  get hasEndTagWork(): boolean {
    return this.endMutations !== undefined || this.endName !== undefined || this.onEndTag !== undefined;
  }

  /** Whether anything is to be written that was not in the source. */
  get isTouched(): boolean {
    return this.#changed || this.mutations !== undefined;
  }

  /** The tag without what surrounds it. */
  get self(): readonly Part[] {
    if (!this.#changed) return [this.#source];
    const parts: Part[] = ["<", this.#name ?? this.#range(this.#scan.nameStart, this.#scan.nameEnd)];
    for (const attribute of this.attributes) {
      const { source } = attribute;
      const last = parts.at(-1);
      if (attribute.changed || source === undefined) {
        attribute.addTo(parts);
      } else if (typeof last === "object" && "from" in last && this.#isSpaceBetween(last, source)) {
        parts[parts.length - 1] = { from: last.from, to: source.to };
      } else {
        parts.push(" ", source);
      }
    }
    // An unquoted value would take the slash for its own.
    if (this.#selfClosing) parts.push(this.attributes.length > 0 ? " />" : "/>");
    else parts.push(">");
    return parts;
  }

  #removeAll(): void {
    if (!this.hasContent) return;
    this.#removeContent();
    this.mutateEnd().removed = true;
  }

  #removeContent(): void {
    this.mutate().after.length = 0;
    if (this.endMutations !== undefined) this.endMutations.before.length = 0;
    this.removesContent = true;
  }

  #range(from: number, to: number): SourceRange {
    return { from: this.#from + from, to: this.#from + to };
  }

  #isSpaceBetween(left: SourceRange, right: SourceRange): boolean {
    return left.to + 1 === right.from && this.#binary.charCodeAt(left.to) === 0x20;
  }

  #slice(from: number, to: number): string {
    return this.#binary.slice(this.#from + from, this.#from + to);
  }

  #readAttributes(): Attribute[] {
    const attributes: Attribute[] = [];
    const { attributes: positions, count } = this.#scan;
    for (let fields = 0; fields < count * ATTRIBUTE_FIELDS; fields += ATTRIBUTE_FIELDS) {
      const from = positions[fields]!;
      const to = positions[fields + 1]!;
      const valueFrom = positions[fields + 2]!;
      const valueTo = positions[fields + 3]!;
      const name = nameOf(this.#charset, this.#slice(from, to));
      const readValue = () => this.#charset.decodeBinary(this.#slice(valueFrom, valueTo));
      const source = this.#range(from, positions[fields + 4]!);
      attributes.push(new Attribute(name, this.#range(from, to), source, readValue));
    }
    return attributes;
  }
}

const utf8Names = new Map<string, string>();

/** The name of an attribute from its bytes; those of pages in UTF-8 are remembered. */
function nameOf(charset: Charset, binary: string): string {
  const known = charset.isUtf8 ? utf8Names.get(binary) : undefined;
  if (known !== undefined) return known;
  const name = asciiLower(charset.decodeBinary(binary));
  if (charset.isUtf8) {
    if (utf8Names.size >= LIMITS.knownNames) utf8Names.clear();
    utf8Names.set(binary, name);
  }
  return name;
}

const checked = { tag: new Set<string>(), attribute: new Set<string>() };

function checkName(name: string, kind: "tag" | "attribute", forbidden: RegExp, charset: Charset): void {
  const known = checked[kind];
  if (charset.isUtf8 && known.has(name)) return;
  const found = forbidden.exec(name);
  if (found !== null) throw parserError(`\`${found[0]}\` character is forbidden in the ${kind} name`);
  if (charset.toBinary(name) !== undefined) {
    if (known.size >= LIMITS.knownNames) known.clear();
    known.add(name);
    return;
  }
  throw parserError(
    `The ${kind} name contains a character that can't be represented in the document's character encoding.`,
  );
}
