/** Doctype and DocumentEnd, as handlers see them (https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/#doctype). */
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";
import type { Charset } from "./charset.ts";
import { Scope, toStringContent } from "./content.ts";
import { asciiLower } from "./names.ts";

const NAME = /^[\t\n\f\r ]*([^\t\n\f\r >]+)[\t\n\f\r ]*/;
const IDENTIFIERS =
  /^(?:public[\t\n\f\r ]*(?:"([^">]*)"?|'([^'>]*)'?)|system)?[\t\n\f\r ]*(?:"([^">]*)"?|'([^'>]*)'?)?/i;

export class DoctypeState {
  readonly name: string | null = null;
  readonly publicId: string | null = null;
  readonly systemId: string | null = null;

  /** `binary`: what follows `<!doctype`. */
  constructor(charset: Charset, binary: string) {
    const name = NAME.exec(binary);
    if (name === null) return;
    const decode = (part: string | undefined) => (part === undefined ? null : charset.decodeBinary(part));
    this.name = asciiLower(charset.decodeBinary(name[1]!));
    const rest = binary.slice(name[0].length);
    if (!/^(?:public|system)/i.test(rest)) return;
    const identifiers = IDENTIFIERS.exec(rest);
    this.publicId = decode(identifiers?.[1] ?? identifiers?.[2]);
    this.systemId = decode(identifiers?.[3] ?? identifiers?.[4]);
  }
}

export class Doctype {
  readonly #scope: Scope<DoctypeState>;

  constructor(scope: Scope<DoctypeState> | undefined = undefined) {
    if (!(scope instanceof Scope)) throw illegalConstructor();
    this.#scope = scope;
  }

  get name(): string | null {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state.name;
  }

  get publicId(): string | null {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state.publicId;
  }

  get systemId(): string | null {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state.systemId;
  }
}

/** Where what is appended to the document goes. */
export interface DocumentEndState {
  write(markup: string): void;
}

export class DocumentEnd {
  readonly #scope: Scope<DocumentEndState>;

  constructor(scope: Scope<DocumentEndState> | undefined = undefined) {
    if (!(scope instanceof Scope)) throw illegalConstructor();
    this.#scope = scope;
  }

  append(content: unknown, options: unknown = undefined): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toStringContent(arguments.length, content, options, "append", "DocumentEnd");
    this.#scope.state.write(given);
    return this;
  }
}

exposeInterface(Doctype, "Doctype");
exposeInterface(DocumentEnd, "DocumentEnd");
