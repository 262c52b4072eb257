/** Names of tags and attributes, and what the parser must know about those of tags. */
import { LIMITS } from "../limits.ts";

/** The element has no content and no end tag. */
export const VOID = 1;
/** The content is text with character references. */
export const RCDATA = 2;
/** The content is text. */
export const RAWTEXT = 4;
export const SCRIPT = 8;
export const PLAINTEXT = 16;
/** The start tag ends foreign content (https://html.spec.whatwg.org/#parsing-main-inforeign). */
export const EXITS_FOREIGN = 32;
export const MATHML_TEXT_POINT = 64;
export const SVG_HTML_POINT = 128;
/** The name has a meaning of its own to the tree simulator. */
export const SPECIAL = 256;
/** The element bars end tags of others (https://html.spec.whatwg.org/#special). */
export const BARRIER = 512;
/** The content of the element is not parsed as markup. */
export const TEXT_CONTENT = RCDATA | RAWTEXT | SCRIPT | PLAINTEXT;

/** What a start tag may mean to the tree simulator even where all is plain. */
export const MEANINGFUL = TEXT_CONTENT | SPECIAL;

const GROUPS: readonly (readonly [flag: number, names: string])[] = [
  [VOID, "area base basefont bgsound br col embed hr img input keygen link meta param source track wbr"],
  [RCDATA, "textarea title"],
  [RAWTEXT, "style iframe xmp noembed noframes noscript"],
  [SCRIPT, "script"],
  [PLAINTEXT, "plaintext"],
  [
    EXITS_FOREIGN,
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta " +
      "nobr ol p pre ruby s small span strong strike sub sup table tt u ul var",
  ],
  [MATHML_TEXT_POINT, "mi mo mn ms mtext"],
  [SVG_HTML_POINT, "desc title foreignobject"],
  [
    BARRIER,
    "address applet area article aside base basefont bgsound blockquote body br button caption center col colgroup dd " +
      "details dir div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header " +
      "hgroup hr html iframe img input keygen li link listing main marquee menu meta nav noembed noframes noscript object " +
      "ol p param plaintext pre script search section select source style summary table tbody td template textarea tfoot " +
      "th thead title tr track ul wbr xmp",
  ],
  [SPECIAL, "svg math font annotation-xml select textarea input keygen template frameset p br"],
];

const FLAGS = new Map<string, number>();
for (const [flag, names] of GROUPS) {
  for (const name of names.split(" ")) FLAGS.set(name, (FLAGS.get(name) ?? 0) | flag);
}

const UPPER = /[A-Z]/;

/** Lower case for ASCII alone: in a string of bytes, the rest are no letters. */
export function asciiLower(text: string): string {
  return UPPER.test(text) ? text.replace(/[A-Z]+/g, letters => letters.toLowerCase()) : text;
}

const lowered = new Map<string, string>();

/** The same for a name that is likely to come again. */
export function lowerName(name: string): string {
  let lower = lowered.get(name);
  if (lower === undefined) {
    if (lowered.size >= LIMITS.knownNames) lowered.clear();
    lower = asciiLower(name);
    lowered.set(name, lower);
  }
  return lower;
}

/** The name of a tag as one rewriter knows it, with what it looks up under that name. */
export class TagName<Keyed> {
  readonly name: string;
  readonly flags: number;
  /** How many open elements have the name. */
  open = 0;
  readonly keyed: readonly Keyed[];

  constructor(name: string, keyed: readonly Keyed[]) {
    this.name = name;
    this.flags = FLAGS.get(name) ?? 0;
    this.keyed = keyed;
  }
}

const NOTHING: readonly never[] = [];

/** From the name in the source, in whatever case, to its one TagName. */
export class TagNames<Keyed> {
  readonly #known = new Map<string, TagName<Keyed>>();
  readonly #keyed: ReadonlyMap<string, readonly Keyed[]>;
  #room: number = LIMITS.knownNames;

  constructor(keyed: ReadonlyMap<string, readonly Keyed[]>) {
    this.#keyed = keyed;
  }

  get(source: string): TagName<Keyed> {
    return this.#known.get(source) ?? this.#add(source);
  }

  #add(source: string): TagName<Keyed> {
    if (this.#known.size >= this.#room) this.#forget();
    const lower = asciiLower(source);
    let known = this.#known.get(lower);
    if (known === undefined) {
      known = new TagName<Keyed>(lower, this.#keyed.get(lower) ?? NOTHING);
      this.#known.set(lower, known);
    }
    if (lower !== source) this.#known.set(source, known);
    return known;
  }

  /** Makes room: a name without open elements can be made anew. */
  #forget(): void {
    for (const [source, known] of this.#known) {
      if (known.open === 0 || source !== known.name) this.#known.delete(source);
    }
    this.#room = Math.max(LIMITS.knownNames, this.#known.size * 2);
  }
}
