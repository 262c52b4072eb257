/** A start tag as handlers change it, and what they want of its end tag. */

import type { Charset } from "./charset.ts";
import { type BinaryContent, type Content, Mutations, type Part, TokenState } from "./content.ts";
import { parserError } from "./errors.ts";
import { asciiLower } from "./names.ts";
import { ATTRIBUTE_FIELDS, type TagScan } from "./scan.ts";
import { NAMESPACE_URIS, type Namespace } from "./tree-simulator.ts";

const FORBIDDEN_IN_TAG = /[ \n\r\t\f/>]/;
const FORBIDDEN_IN_ATTRIBUTE = /[ \n\r\t\f/>=]/;

/** An attribute: as it stood in the source, or with a value that was set. */
class Attribute {
  /** In lower case. */
  readonly name: string;
  readonly #source: BinaryContent | undefined;
  readonly #sourceName: string | BinaryContent;
  readonly #sourceValue: string;
  #value: string | undefined;
  readonly #charset: Charset;
  #changed = false;

  constructor(
    charset: Charset,
    name: string,
    sourceName: string | BinaryContent,
    value: string,
    source?: string,
  ) {
    this.name = name;
    this.#charset = charset;
    this.#sourceName = sourceName;
    this.#sourceValue = value;
    if (source === undefined) this.value = value;
    else this.#source = { binary: source };
  }

  get value(): string {
    this.#value ??= this.#charset.decodeBinary(this.#sourceValue);
    return this.#value;
  }

  set value(value: string) {
    this.#value = value;
    this.#changed = true;
  }

  addTo(parts: Part[]): void {
    if (!this.#changed && this.#source !== undefined) parts.push(" ", this.#source);
    else parts.push(" ", this.#sourceName, `="${this.value.replace(/"/g, "&quot;")}"`);
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
    return asciiLower(this.#name ?? this.#charset.decodeBinary(this.#sourceName));
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
    const lower = asciiLower(name);
    return this.attributes.find(attribute => attribute.name === lower);
  }

  setAttribute(name: string, value: string): void {
    const lower = asciiLower(name);
    if (lower === "") throw parserError("Attribute name can't be empty.");
    checkName(lower, "attribute", FORBIDDEN_IN_ATTRIBUTE, this.#charset);
    const attribute = this.find(lower);
    if (attribute !== undefined) attribute.value = value;
    else this.attributes.push(new Attribute(this.#charset, lower, lower, value));
    this.#changed = true;
  }

  removeAttribute(name: string): void {
    const lower = asciiLower(name);
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

  /** The tag without what surrounds it. */
  get self(): readonly Part[] {
    if (!this.#changed) return [this.#source];
    const parts: Part[] = ["<", this.#name ?? { binary: this.#sourceName }];
    for (const attribute of this.attributes) attribute.addTo(parts);
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

  #readAttributes(): Attribute[] {
    const attributes: Attribute[] = [];
    const { attributes: positions, count } = this.#scan;
    const slice = (from: number, to: number): string =>
      this.#binary.slice(this.#from + from, this.#from + to);
    for (let fields = 0; fields < count * ATTRIBUTE_FIELDS; fields += ATTRIBUTE_FIELDS) {
      const from = positions[fields]!;
      const name = slice(from, positions[fields + 1]!);
      const value = slice(positions[fields + 2]!, positions[fields + 3]!);
      const source = slice(from, positions[fields + 4]!);
      const lower = asciiLower(this.#charset.decodeBinary(name));
      attributes.push(new Attribute(this.#charset, lower, { binary: name }, value, source));
    }
    return attributes;
  }
}

function checkName(name: string, kind: "tag" | "attribute", forbidden: RegExp, charset: Charset): void {
  const found = forbidden.exec(name);
  if (found !== null) throw parserError(`\`${found[0]}\` character is forbidden in the ${kind} name`);
  if (charset.toBinary(name) !== undefined) return;
  throw parserError(
    `The ${kind} name contains a character that can't be represented in the document's character encoding.`,
  );
}
