/** The tokenizer's side of the rewriter. */
import type { Outcome } from "../../streams/guest/promises.ts";
import type { TagName } from "./names.ts";

/** What hears of tokens. Each method may answer a promise: the tokenizer goes on when it is called again. */
export interface TokenSink<Keyed> {
  /** Whether text is wanted; else none is told. The same for comments and doctypes. */
  wantsText: boolean;
  wantsComments: boolean;
  readonly wantsDoctypes: boolean;
  /** Whether text was told whose end was not. */
  inText: boolean;
  needsAttributes(name: TagName<Keyed>): boolean;
  text(from: number, to: number): Outcome;
  endText(): Outcome;
  startTag(name: TagName<Keyed>): Outcome;
  endTag(name: TagName<Keyed>): Outcome;
  comment(from: number, to: number, textFrom: number, textTo: number): Outcome;
  doctype(from: number, to: number): Outcome;
}
