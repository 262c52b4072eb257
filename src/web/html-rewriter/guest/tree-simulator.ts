/**
 * What a tokenizer must hear from tree construction, guessed from the tags alone: how the content of an element is to
 * be read, and whether it is foreign. Where that is impossible, rewriting ends with an error, as in lol-html's strict
 * mode: reading the wrong way would let markup hide from the rewriter.
 */
import { parserError } from "./errors.ts";
import {
  BARRIER,
  EXITS_FOREIGN,
  MATHML_TEXT_POINT,
  SPECIAL,
  SVG_HTML_POINT,
  type TagName,
  TEXT_CONTENT,
  VOID,
} from "./names.ts";

export const HTML = 0;
export const SVG = 1;
export const MATHML = 2;
export type Namespace = typeof HTML | typeof SVG | typeof MATHML;

export const NAMESPACE_URIS = [
  "http://www.w3.org/1999/xhtml",
  "http://www.w3.org/2000/svg",
  "http://www.w3.org/1998/Math/MathML",
] as const;

/** The parts of a start tag that some decisions need. */
export interface TagDetails {
  readonly selfClosing: boolean;
  /** The value of an attribute, by its name in lower case; undefined if there is none. */
  attribute(name: string): string | undefined;
}

/** An element of foreign content that contains HTML. Its end tag counts when nothing is open in it. */
class IntegrationPoint {
  readonly name: string;
  readonly #open: TagName<unknown>[] = [];
  /** Where each name, and each element that bars, stands among the open elements. */
  readonly #places = new Map<string, number[]>();
  readonly #barriers: number[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get isEmpty(): boolean {
    return this.#open.length === 0;
  }

  start(tag: TagName<unknown>): void {
    if ((tag.flags & VOID) !== 0) return;
    const place = this.#open.length;
    this.#open.push(tag);
    const places = this.#places.get(tag.name);
    if (places === undefined) this.#places.set(tag.name, [place]);
    else places.push(place);
    if ((tag.flags & BARRIER) !== 0) this.#barriers.push(place);
  }

  /** Closes the innermost element of that name, unless another bars the way. */
  end({ name, flags }: TagName<unknown>): void {
    const place = this.#places.get(name)?.at(-1);
    if (place === undefined) return;
    if ((flags & BARRIER) === 0 && (this.#barriers.at(-1) ?? -1) > place) return;
    while (this.#open.length > place) {
      const closed = this.#open.pop()!;
      this.#places.get(closed.name)!.pop();
      if ((closed.flags & BARRIER) !== 0) this.#barriers.pop();
    }
  }
}

/** Where a start tag that changes how text is read may be ignored by a browser. */
type Place = "anywhere" | "select" | "template in select" | "frameset";

export class TreeSimulator {
  namespace: Namespace = HTML;
  /** The namespace of the last start tag's element. */
  tagNamespace: Namespace = HTML;
  /** Nothing depends on what was before: most names mean nothing, and no end tag does. */
  plain = true;
  readonly #outer: Namespace[] = [];
  /** For each of those, the element of foreign content in which HTML began, with what is open in it. */
  readonly #points: (IntegrationPoint | undefined)[] = [];
  #place: Place = "anywhere";
  #templates = 0;

  /** Whether a start tag of that name is understood only with its attributes. */
  needsDetails({ name }: TagName<unknown>): boolean {
    return this.namespace !== HTML && (name === "font" || name === "annotation-xml");
  }

  /** Takes a start tag in. Returns the flag of the kind of text that its content is; 0 for markup. */
  startTag(tag: TagName<unknown>, details: TagDetails): number {
    const { flags } = tag;
    if (this.#place !== "anywhere" || (flags & SPECIAL) !== 0) this.#trackStart(tag);
    if (tag.name === "svg" || tag.name === "math") {
      this.tagNamespace = tag.name === "svg" ? SVG : MATHML;
      if (!details.selfClosing) this.#enter(this.tagNamespace);
      return 0;
    }
    if (this.namespace !== HTML) {
      this.#startForeign(tag, details);
      return 0;
    }
    this.tagNamespace = HTML;
    this.#openInPoint(tag);
    return flags & TEXT_CONTENT;
  }

  endTag(tag: TagName<unknown>): void {
    const { name } = tag;
    if (this.#place !== "anywhere") this.#trackEnd(name);
    if (this.namespace === HTML) {
      const point = this.#points.at(-1);
      if (point === undefined) return;
      if (!point.isEmpty) point.end(tag);
      else if (point.name === name) this.#leave();
      return;
    }
    if (name === "p" || name === "br") this.#leaveForeign();
    else if (name === (this.namespace === SVG ? "svg" : "math")) this.#leave();
  }

  #enter(namespace: Namespace, point?: IntegrationPoint): void {
    this.plain = false;
    this.#outer.push(this.namespace);
    this.#points.push(point);
    this.namespace = namespace;
  }

  #leave(): void {
    this.namespace = this.#outer.pop() ?? HTML;
    this.#points.pop();
    this.plain = this.#place === "anywhere" && this.#points.length === 0;
  }

  /** Leaves all foreign content up to the next HTML. */
  #leaveForeign(): void {
    while (this.namespace !== HTML) this.#leave();
  }

  #openInPoint(tag: TagName<unknown>): void {
    if (this.#points.length > 0) this.#points.at(-1)?.start(tag);
  }

  #startForeign(tag: TagName<unknown>, details: TagDetails): void {
    const { name, flags } = tag;
    const exits =
      (flags & EXITS_FOREIGN) !== 0 ||
      (name === "font" && ["color", "size", "face"].some(key => details.attribute(key) !== undefined));
    if (exits) {
      this.#leaveForeign();
      this.#openInPoint(tag);
    }
    this.tagNamespace = this.namespace;
    if (exits || details.selfClosing) return;
    const point = this.namespace === SVG ? SVG_HTML_POINT : MATHML_TEXT_POINT;
    if ((flags & point) !== 0) {
      this.#enter(HTML, new IntegrationPoint(name));
    } else if (name === "annotation-xml" && this.namespace === MATHML) {
      const encoding = details.attribute("encoding")?.toLowerCase();
      if (encoding === "text/html" || encoding === "application/xhtml+xml")
        this.#enter(HTML, new IntegrationPoint(name));
    }
  }

  #trackStart({ name, flags }: TagName<unknown>): void {
    this.plain = false;
    switch (this.#place) {
      case "anywhere":
        if (name === "select") this.#place = "select";
        else if (name === "frameset") this.#place = "frameset";
        else this.plain = this.#points.length === 0;
        break;
      case "select":
        if (name === "select" || name === "textarea" || name === "input" || name === "keygen") {
          this.#place = "anywhere";
        } else if (name === "template") {
          this.#place = "template in select";
          this.#templates = 1;
        } else if (name !== "script") {
          refuseText(name, flags);
        }
        break;
      case "template in select":
        if (name === "template") this.#templates++;
        else refuseText(name, flags);
        break;
      case "frameset":
        if (name !== "noframes") refuseText(name, flags);
        break;
    }
  }

  #trackEnd(name: string): void {
    if (this.#place === "select" && name === "select") {
      this.#place = "anywhere";
    } else if (this.#place === "template in select" && name === "template") {
      this.#templates--;
      if (this.#templates === 0) this.#place = "select";
    }
  }
}

function refuseText(name: string, flags: number): void {
  if ((flags & TEXT_CONTENT) === 0) return;
  throw parserError(
    `The parser has encountered a text content tag (\`<${name}>\`) in the context where it is ambiguous whether this ` +
      "tag should be ignored or not. And, thus, it is unclear whether consequent content should be parsed as raw text or " +
      "HTML markup.\n\nThis error occurs due to the limited capabilities of the streaming parsing. However, almost all of " +
      "the cases of this error are caused by a non-conforming markup (e.g. a `<script>` element in `<select>` element).",
  );
}
