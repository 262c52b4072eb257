/**
 * A streaming HTML tokenizer over the bytes of a document (https://html.spec.whatwg.org/#tokenization), with the
 * shortcuts that lol-html takes. It works on bytes since everything that a rewriter leaves alone must come out as it came
 * in, whatever its encoding, and tells its sink byte ranges; the tokenizers to be had from npm decode first, and
 * normalise what they read. Any encoding will do in which ASCII bytes stand for themselves wherever markup may be.
 */
import type { Outcome } from "../../streams/guest/promises.ts";
import { ByteInput } from "./byte-input.ts";
import { MEANINGFUL, PLAINTEXT, RAWTEXT, RCDATA, SCRIPT, type TagName, type TagNames } from "./names.ts";
import {
  type CommentEnd,
  endsName,
  endWithoutDashes,
  indexOrEnd,
  isLetter,
  matches,
  matchesCdata,
  scanCommentEnd,
  TagScan,
} from "./scan.ts";
import type { TokenSink } from "./token-sink.ts";
import { HTML, type TagDetails, TreeSimulator } from "./tree-simulator.ts";

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const DASH = 0x2d;
const BRACKET = 0x5d;

/** What the bytes at the current position are. */
type Mode =
  | "markup"
  | "raw text"
  | "script"
  | "plain text"
  | "cdata"
  | "comment" // inside of one that nobody wants to know
  | "declaration"; // the same for a doctype, or a comment that ends with the next ">"

/** How much of an escaped script is kept to be told in one. */
const SHORT = 256;

export class Tokenizer<Keyed> extends ByteInput implements TagDetails {
  readonly tag = new TagScan();
  readonly tree = new TreeSimulator();
  readonly #sink: TokenSink<Keyed>;
  readonly #names: TagNames<Keyed>;
  #mode: Mode = "markup";
  /** What is at hand does not suffice for another token. */
  #starved = false;
  /** The name of the tag that is being scanned, once it is known; its scan is over, too. */
  #name: TagName<Keyed> | undefined;
  #inTag = false;
  #inEndTag = false;
  #tagDone = false;
  #contentKind = 0;
  /** How far the scan of a comment or doctype has come, relative to its start. */
  #scanned = 0;
  readonly #commentEnd: CommentEnd = { text: 0, end: 0 };
  /** The raw text element whose end tag ends the mode. */
  #rawName = "";
  /** Where the next ">" is in an escaped script, as far as that was looked up. */
  #nextGt = -1;
  /** Inside of `<!--` in a script: 1; and inside of a `<script>` in there: 2. */
  #escape = 0;

  constructor(names: TagNames<Keyed>, sink: TokenSink<Keyed>) {
    super();
    this.#names = names;
    this.#sink = sink;
  }

  override write(chunk: Uint8Array, limited: boolean): void {
    super.write(chunk, limited);
    this.#nextGt = -1;
  }

  override end(): void {
    super.end();
    this.#nextGt = -1;
  }

  /** Tells tokens until there is nothing left to tell, or the sink wants to be waited for. */
  run(): Outcome {
    this.#starved = false;
    for (;;) {
      const outcome = this.#step();
      if (outcome !== undefined) return outcome;
      if (this.#starved) break;
    }
    if (this.last && this.at < this.bytes.length) this.at = this.bytes.length;
    return this.last && this.#sink.inText ? this.#sink.endText() : undefined;
  }

  #step(): Outcome {
    switch (this.#mode) {
      case "markup":
        return this.#markup();
      case "raw text":
        return this.#rawText();
      case "script":
        return this.#escape === 0 ? this.#rawText() : this.#escapedScript();
      case "plain text":
        this.#starved = true;
        return this.#text(this.bytes.length);
      case "cdata":
        return this.#cdata();
      case "comment":
        return this.#skipComment();
      case "declaration":
        return this.#skipDeclaration();
    }
  }

  /** Tells the text up to a position, which is the next token's. */
  #text(to: number): Outcome {
    const from = this.at;
    this.at = to;
    return to > from && this.#sink.wantsText ? this.#sink.text(from, to) : undefined;
  }

  /** Waits for more bytes; if there are none, all that is left is text. */
  #starve(): Outcome {
    this.#starved = true;
    return this.last ? this.#text(this.bytes.length) : undefined;
  }

  #markup(): Outcome {
    if (this.#inTag) return this.#scanTag();
    const { bytes } = this;
    const at = bytes.indexOf(LT, this.at);
    if (at !== this.at) {
      if (at < 0) {
        this.#starved = true;
        return this.#text(bytes.length);
      }
      const outcome = this.#text(at);
      if (outcome !== undefined) return outcome;
    }
    const next = bytes[at + 1];
    if (isLetter(next)) return this.#beginTag(false);
    if (next === SLASH) return this.#slash();
    if (next === BANG) return this.#declaration();
    if (next === QUESTION) return this.#bogusComment(at + 1);
    if (next === undefined) return this.#starve();
    return this.#text(at + 1);
  }

  #slash(): Outcome {
    const next = this.bytes[this.at + 2];
    if (isLetter(next)) return this.#beginTag(true);
    if (next === undefined) return this.#starve();
    if (next !== GT) return this.#bogusComment(this.at + 2);
    if (this.#sink.inText) return this.#sink.endText();
    this.at += 3;
    return undefined;
  }

  #beginTag(isEnd: boolean): Outcome {
    this.#inTag = true;
    this.#inEndTag = isEnd;
    this.#name = undefined;
    this.#tagDone = false;
    this.tag.begin(isEnd ? 2 : 1);
    return this.#scanTag();
  }

  /** Goes on with a tag that may have begun in an earlier chunk. */
  #scanTag(): Outcome {
    const { bytes, tag, at } = this;
    const sink = this.#sink;
    let name = this.#name;
    if (name === undefined) {
      if (!tag.scanName(bytes, at)) return this.#incomplete();
      name = this.#names.get(this.binary.slice(at + tag.nameStart, at + tag.nameEnd));
      this.#name = name;
    }
    const { tree } = this;
    if (!this.#tagDone) {
      const isEnd = this.#inEndTag;
      const collect = !isEnd && (sink.needsAttributes(name) || (!tree.plain && tree.needsDetails(name)));
      if (!tag.scanRest(bytes, at, collect)) return this.#incomplete();
      this.#tagDone = true;
      this.#contentKind = 0;
      if (isEnd) {
        if (!tree.plain) tree.endTag(name);
      } else if (tree.plain && (name.flags & MEANINGFUL) === 0) {
        tree.tagNamespace = HTML;
      } else {
        this.#contentKind = tree.startTag(name, this);
      }
    }
    if (sink.inText) return sink.endText();
    this.#inTag = false;
    if (this.#inEndTag) this.#mode = "markup";
    else if (this.#contentKind !== 0) this.#enterContent(name, this.#contentKind);
    const outcome = this.#inEndTag ? sink.endTag(name) : sink.startTag(name);
    this.at = at + tag.end;
    return outcome;
  }

  #enterContent(name: TagName<Keyed>, kind: number): void {
    this.#rawName = name.name;
    this.#escape = 0;
    if (kind === SCRIPT) this.#mode = "script";
    else if (kind === RCDATA || kind === RAWTEXT) this.#mode = "raw text";
    else if (kind === PLAINTEXT) this.#mode = "plain text";
  }

  /** A token is not complete. At the end it never will be, and comes out as it came in. */
  #incomplete(): Outcome {
    this.#starved = true;
    if (this.last) this.at = this.bytes.length;
    return undefined;
  }

  /** The value of an attribute of the tag at hand, as bytes. */
  attribute(name: string): string | undefined {
    return this.tag.find(name, this.binary, this.at);
  }

  get selfClosing(): boolean {
    return this.tag.selfClosing;
  }

  /** What comes after `<!`. */
  #declaration(): Outcome {
    const { bytes, at } = this;
    const dashes = matches(bytes, at + 2, "--");
    if (dashes === true) return this.#comment();
    const doctype = matches(bytes, at + 2, "doctype");
    if (doctype === true) return this.#doctype();
    const cdata = this.tree.namespace !== HTML ? matchesCdata(bytes, at + 2) : false;
    if (cdata === true) {
      if (this.#sink.inText) return this.#sink.endText();
      this.at = at + 9;
      this.#mode = "cdata";
      return undefined;
    }
    if (!this.last && (dashes === undefined || doctype === undefined || cdata === undefined)) {
      this.#starved = true;
      return undefined;
    }
    return this.#bogusComment(at + 2);
  }

  #comment(): Outcome {
    const { bytes, at } = this;
    const sink = this.#sink;
    const from = at + 4;
    const found = this.#commentEnd;
    const first = bytes[from];
    const abrupt = first === GT ? 1 : first === DASH && bytes[from + 1] === GT ? 2 : 0;
    if (abrupt > 0) {
      found.text = from;
      found.end = from + abrupt;
    } else {
      if (!this.last && (first === undefined || (first === DASH && bytes[from + 1] === undefined))) {
        this.#starved = true;
        return undefined;
      }
      const next = scanCommentEnd(bytes, Math.max(from, at + this.#scanned), found);
      if (next >= 0) {
        if (sink.wantsComments && !this.last) {
          this.#starved = true;
          this.#scanned = next - at;
          return undefined;
        }
        if (sink.inText) return sink.endText();
        if (!this.last) {
          this.#mode = "comment";
          this.at = next;
          return undefined;
        }
        found.end = bytes.length;
        found.text = endWithoutDashes(bytes, from);
      }
    }
    if (sink.inText) return sink.endText();
    this.#scanned = 0;
    const { text, end } = found;
    const outcome = sink.wantsComments ? sink.comment(at, end, from, text) : undefined;
    this.at = end;
    return outcome;
  }

  #skipComment(): Outcome {
    const found = this.#commentEnd;
    const next = scanCommentEnd(this.bytes, this.at, found);
    if (next >= 0) {
      this.at = next;
      this.#starved = true;
    } else {
      this.at = found.end;
      this.#mode = "markup";
    }
    return undefined;
  }

  /** A comment that ends with the next ">" (https://html.spec.whatwg.org/#bogus-comment-state). */
  #bogusComment(textFrom: number): Outcome {
    const sink = this.#sink;
    const { at } = this;
    const end = this.#findDeclarationEnd(textFrom, sink.wantsComments);
    if (end < 0) return undefined;
    if (sink.inText) return sink.endText();
    this.#scanned = 0;
    if (!sink.wantsComments) return this.#leaveDeclaration(end);
    const outcome = sink.comment(
      at,
      end,
      textFrom,
      this.bytes[end - 1] === GT && end > textFrom ? end - 1 : end,
    );
    this.at = end;
    return outcome;
  }

  #doctype(): Outcome {
    const sink = this.#sink;
    const { at } = this;
    const end = this.#findDeclarationEnd(at + 9, sink.wantsDoctypes);
    if (end < 0) return undefined;
    if (sink.inText) return sink.endText();
    this.#scanned = 0;
    if (!sink.wantsDoctypes) return this.#leaveDeclaration(end);
    const outcome = sink.doctype(at, end);
    this.at = end;
    return outcome;
  }

  /** The end of what the next ">" ends; that of the chunk where it may be skipped so far; -1 to wait for more. */
  #findDeclarationEnd(from: number, wanted: boolean): number {
    const { bytes } = this;
    const end = bytes.indexOf(GT, Math.max(from, this.at + this.#scanned));
    if (end >= 0) return end + 1;
    if (this.last || !wanted) return bytes.length;
    this.#scanned = bytes.length - this.at;
    this.#starved = true;
    return -1;
  }

  #leaveDeclaration(end: number): undefined {
    this.at = end;
    if (this.bytes[end - 1] !== GT) this.#mode = "declaration";
    return undefined;
  }

  #skipDeclaration(): undefined {
    const end = this.bytes.indexOf(GT, this.at);
    if (end < 0) {
      this.at = this.bytes.length;
      this.#starved = true;
    } else {
      this.at = end + 1;
      this.#mode = "markup";
    }
    return undefined;
  }

  /** Text up to the end tag of its element. */
  #rawText(): Outcome {
    if (this.#inTag) return this.#scanTag();
    const { bytes } = this;
    const at = bytes.indexOf(LT, this.at);
    if (at < 0) {
      this.#starved = true;
      return this.#text(bytes.length);
    }
    const outcome = this.#text(at);
    if (outcome !== undefined) return outcome;
    if (this.#mode === "script" && bytes[at + 1] === BANG) {
      const dashes = matches(bytes, at + 2, "--");
      if (dashes === undefined) return this.#starve();
      if (!dashes) return this.#text(at + 2);
      this.#escape = 1;
      this.#scanned = 4;
      return undefined;
    }
    return this.#endTagOrText();
  }

  /** At a "<" in raw text: the end tag of the element, or text. */
  #endTagOrText(): Outcome {
    const { bytes, at } = this;
    if (bytes[at + 1] === undefined) return this.#starve();
    if (bytes[at + 1] !== SLASH) return this.#text(at + 1);
    const matched = matches(bytes, at + 2, this.#rawName);
    const after = bytes[at + 2 + this.#rawName.length];
    if (matched === undefined || (matched && after === undefined)) return this.#starve();
    if (matched && endsName(after!)) return this.#beginTag(true);
    let to = at + 2;
    while (isLetter(bytes[to])) to++;
    return this.#text(to);
  }

  /** In a script, after `<!--`: `<script` hides the next `</script`, and `-->` ends it all. */
  #escapedScript(): Outcome {
    if (this.#inTag) return this.#scanTag();
    const { bytes } = this;
    const from = this.at + this.#scanned;
    const lt = bytes.indexOf(LT, from);
    const to = lt < 0 ? bytes.length : lt;
    const close = this.#findArrow(Math.max(from, this.at + 2), to);
    if (close >= 0) {
      this.#escape = 0;
      this.#scanned = 0;
      return this.#text(close);
    }
    if (lt < 0) return this.#starveInEscape();
    this.#scanned = 0;
    const outcome = this.#text(lt);
    if (outcome !== undefined) return outcome;
    return this.#escape === 1 ? this.#inEscape() : this.#inDoubleEscape();
  }

  /** All is text but dashes that may be the beginning of the end. Little of it is kept, to be told in one. */
  #starveInEscape(): Outcome {
    const { bytes } = this;
    let to = bytes.length;
    const rest = to - this.at;
    if (!this.last && rest > 2 && rest < SHORT) {
      this.#starved = true;
      this.#scanned = Math.max(this.#scanned, rest - 2);
      return undefined;
    }
    if (!this.last) while (to > this.at && to > bytes.length - 2 && bytes[to - 1] === DASH) to--;
    this.#starved = true;
    this.#scanned = 0;
    return this.#text(to);
  }

  /** Where the first ">" of a `-->` is from `from` on, before `limit`; -1 if there is none. */
  #findArrow(from: number, limit: number): number {
    const { bytes } = this;
    let at = this.#nextGt;
    if (at < from) at = indexOrEnd(bytes, from);
    while (at < limit && !(bytes[at - 1] === DASH && bytes[at - 2] === DASH)) at = indexOrEnd(bytes, at + 1);
    this.#nextGt = at;
    return at < limit ? at : -1;
  }

  #inEscape(): Outcome {
    const { bytes, at } = this;
    const script = matches(bytes, at + 1, "script");
    if (script === undefined) return this.#starve();
    if (!script) return this.#endTagOrText();
    const after = bytes[at + 7];
    if (after === undefined) return this.#starve();
    if (endsName(after)) this.#escape = 2;
    this.#scanned = 7;
    return undefined;
  }

  #inDoubleEscape(): Outcome {
    const { bytes, at } = this;
    const script = matches(bytes, at + 1, "/script");
    const after = bytes[at + 8];
    if (script === undefined || (script && after === undefined)) return this.#starve();
    if (script && endsName(after!)) this.#escape = 1;
    this.#scanned = script ? 8 : 1;
    return undefined;
  }

  #cdata(): Outcome {
    const { bytes } = this;
    const at = bytes.indexOf(BRACKET, this.at);
    if (at < 0) {
      this.#starved = true;
      return this.#text(bytes.length);
    }
    const outcome = this.#text(at);
    if (outcome !== undefined) return outcome;
    const closes = matches(bytes, at + 1, "]>");
    if (closes === undefined) return this.#starve();
    if (!closes) return this.#text(at + 1);
    if (this.#sink.inText) return this.#sink.endText();
    this.at = at + 3;
    this.#mode = "markup";
    return undefined;
  }
}
