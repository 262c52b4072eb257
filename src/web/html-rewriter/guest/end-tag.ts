/** An end tag as handlers change it. */
import type { Charset } from "./charset.ts";
import { type Part, type SourceRange, TokenState } from "./content.ts";
import { asciiLower } from "./names.ts";
import type { StartTagState } from "./start-tag.ts";

export class EndTagState extends TokenState {
  readonly #charset: Charset;
  readonly #sourceName: string;
  readonly #source: SourceRange;
  #name: string | undefined;

  constructor(charset: Charset, sourceName: string, source: SourceRange) {
    super();
    this.#charset = charset;
    this.#sourceName = sourceName;
    this.#source = source;
  }

  get name(): string {
    return asciiLower(this.#name ?? this.#charset.decodeBinary(this.#sourceName));
  }

  set name(name: string) {
    this.#name = name;
  }

  /** Makes of the tag what the handlers of its element wanted. What an element left open in there wanted is lost. */
  take({ endName, endMutations }: StartTagState): void {
    if (endName !== undefined) this.#name = endName;
    if (endMutations !== undefined) this.mutations = endMutations;
  }

  /** Whether anything is to be written that was not in the source. */
  get isTouched(): boolean {
    return this.#name !== undefined || this.mutations !== undefined;
  }

  /** The tag without what surrounds it. */
  get self(): readonly Part[] {
    return this.#name === undefined ? [this.#source] : ["</", this.#name, ">"];
  }
}
