/** The selectors that lol-html knows, in CSS syntax (https://drafts.csswg.org/selectors-4), and its words for the others. */

import { CssReader } from "./css-reader.ts";
import { parserError } from "./errors.ts";

export type AttributeOperator = "=" | "~=" | "|=" | "^=" | "$=" | "*=";

export type Condition =
  | { readonly kind: "any" | "never" }
  | { readonly kind: "tag" | "id" | "class" | "has"; readonly name: string }
  | {
      readonly kind: "attribute";
      readonly name: string;
      readonly operator: AttributeOperator;
      readonly value: string;
      /** "html": without regard to case on HTML elements. */
      readonly ignoreCase: boolean | "html";
    }
  | { readonly kind: "child" | "type"; readonly step: number; readonly offset: number };

/** A condition that must hold, or must not. */
export interface Test {
  readonly condition: Condition;
  readonly negated: boolean;
}

/** What one element must fulfil. */
export interface Compound {
  readonly tests: Test[];
  /** Whether it must be a child of an element that fulfils the compound before, or any descendant; none is before the first. */
  readonly child: boolean;
}

export type ComplexSelector = readonly Compound[];

/** Attributes whose values HTML compares without regard to case (https://html.spec.whatwg.org/#case-sensitivity-of-selectors). */
const CASELESS = new Set(
  (
    "accept accept-charset align alink axis bgcolor charset checked clear codetype color compact declare defer dir direction " +
    "disabled enctype face frame hreflang http-equiv lang language link media method multiple nohref noresize noshade nowrap " +
    "readonly rel rev rules scope scrolling selected shape target text type valign valuetype vlink"
  ).split(" "),
);

const unsupportedPseudo = (): TypeError =>
  parserError("Unsupported pseudo-class or pseudo-element in selector.");
const unexpectedToken = (): TypeError => parserError("Unexpected token in selector.");
const unexpectedEnd = (): TypeError => parserError("Unexpected end of selector.");
const namespaced = (): TypeError => parserError("Selectors with explicit namespaces are not supported.");

/** Parses a selector list. Throws what workerd throws for one that is wrong or not supported. */
export function parseSelectors(source: string): ComplexSelector[] {
  const parser = new SelectorParser(source);
  const selectors = parser.list(false);
  if (!parser.reader.atEnd) throw unexpectedToken();
  if (parser.unsupported !== undefined) throw parser.unsupported;
  return selectors;
}

class SelectorParser {
  readonly reader: CssReader;
  /** The error for what was parsed but is not supported: the syntax comes first. */
  unsupported: TypeError | undefined;

  constructor(source: string) {
    this.reader = new CssReader(source);
  }

  list(inNegation: boolean): ComplexSelector[] {
    const selectors = [this.#complex(inNegation)];
    while (this.reader.take(",")) selectors.push(this.#complex(inNegation));
    return selectors;
  }

  #complex(inNegation: boolean): ComplexSelector {
    const { reader } = this;
    const compounds: Compound[] = [];
    let child = false;
    reader.skipSpace();
    for (;;) {
      const tests = this.#compound();
      if (tests.length === 0) {
        throw parserError(
          compounds.length === 0 ? "The selector is empty." : "Dangling combinator in selector.",
        );
      }
      compounds.push({ tests, child });
      const spaced = reader.skipSpace();
      if (reader.atEnd || reader.peek === "," || (inNegation && reader.peek === ")")) return compounds;
      const combinator = reader.takeCombinator();
      if (combinator === undefined && !spaced) throw unexpectedToken();
      if (inNegation) this.unsupported ??= unsupportedPseudo();
      else if (combinator === "+" || combinator === "~") {
        this.unsupported ??= parserError(`Unsupported combinator \`${combinator}\` in selector.`);
      }
      child = combinator === ">";
      if (combinator !== undefined) reader.skipSpace();
    }
  }

  #compound(): Test[] {
    const tests: Test[] = [];
    this.#type(tests);
    for (;;) {
      const { reader } = this;
      reader.skipComments();
      const { peek } = reader;
      if (peek === "#") {
        const id = reader.takeId();
        if (id === undefined) return tests;
        tests.push(holds({ kind: "id", name: id }));
      } else if (peek === "." && !reader.atNumber) {
        reader.take(".");
        const name = reader.takeIdent();
        if (name === undefined) {
          throw reader.atEnd ? unexpectedEnd() : parserError("Invalid or unescaped class name in selector.");
        }
        tests.push(holds({ kind: "class", name }));
      } else if (peek === "[") {
        reader.take("[");
        tests.push(holds(this.#attribute()));
      } else if (peek === ":") {
        reader.take(":");
        this.#pseudo(tests);
      } else {
        return tests;
      }
    }
  }

  /** A type selector: `a`, `*`, `*|a`, `|a`. */
  #type(tests: Test[]): void {
    const { reader } = this;
    reader.skipComments();
    const first = reader.takeIdent() ?? (reader.take("*") ? "*" : undefined);
    if (reader.peek !== "|" || reader.peekSecond === "=" || reader.peekSecond === "|") {
      if (first !== undefined) tests.push(holds(typeCondition(first)));
      return;
    }
    reader.take("|");
    const name = reader.takeIdent() ?? (reader.take("*") ? "*" : undefined);
    if (first !== undefined && first !== "*") throw namespaced();
    if (name === undefined) throw reader.atEnd ? unexpectedEnd() : unexpectedToken();
    // No element of a page is in no namespace.
    if (first === undefined) tests.push(holds({ kind: "never" }));
    tests.push(holds(typeCondition(name)));
  }

  #attribute(): Condition {
    const { reader } = this;
    reader.skipSpace();
    let name = reader.takeIdent();
    if (reader.peek === "|" && reader.peekSecond !== "=") {
      reader.take("|");
      if (name !== undefined) throw namespaced();
      name = reader.takeIdent();
    } else if (name === undefined && reader.peek === "*" && reader.peekSecond === "|") {
      throw namespaced();
    }
    if (name === undefined) {
      throw reader.atEnd ? unexpectedEnd() : parserError("Missing attribute name in attribute selector.");
    }
    name = name.toLowerCase();
    reader.skipSpace();
    if (reader.takeClose("]")) return { kind: "has", name };
    const operator = reader.takeOperator() as AttributeOperator | undefined;
    if (operator === undefined) throw parserError("Unexpected token in the attribute selector.");
    reader.skipSpace();
    const value = reader.takeIdent() ?? reader.takeString();
    if (value === undefined) {
      throw reader.atEnd || reader.peek === "]"
        ? unexpectedEnd()
        : parserError("Unexpected token in the attribute selector.");
    }
    reader.skipSpace();
    const flag = reader.takeIdent()?.toLowerCase();
    if (flag !== undefined && flag !== "i" && flag !== "s") throw unexpectedToken();
    reader.skipSpace();
    if (!reader.takeClose("]")) throw unexpectedToken();
    const ignoreCase = flag === undefined ? CASELESS.has(name) && ("html" as const) : flag === "i";
    return { kind: "attribute", name, operator, value, ignoreCase };
  }

  #pseudo(tests: Test[]): void {
    const { reader } = this;
    if (reader.take(":")) throw reader.atEnd ? unexpectedEnd() : unsupportedPseudo();
    const name = reader.takeIdent()?.toLowerCase();
    if (name === undefined) throw reader.atEnd ? unexpectedEnd() : unsupportedPseudo();
    if (!reader.take("(")) {
      if (name === "first-child") tests.push(holds({ kind: "child", step: 0, offset: 1 }));
      else if (name === "first-of-type") tests.push(holds({ kind: "type", step: 0, offset: 1 }));
      else throw unsupportedPseudo();
    } else if (name === "nth-child" || name === "nth-of-type") {
      const [step, offset] = this.#nth();
      tests.push(holds({ kind: name === "nth-child" ? "child" : "type", step, offset }));
    } else if (name === "not") {
      // As lol-html understands it: every part of what is excluded is excluded on its own.
      for (const [compound] of this.list(true)) {
        for (const { condition, negated } of compound?.tests ?? [])
          tests.push({ condition, negated: !negated });
      }
      if (!reader.takeClose(")")) throw unexpectedToken();
    } else {
      throw unsupportedPseudo();
    }
  }

  /** An+B (https://drafts.csswg.org/css-syntax/#anb-microsyntax). */
  #nth(): [step: number, offset: number] {
    const text = this.reader.takeUntilClose().trim().toLowerCase();
    if (text === "even") return [2, 0];
    if (text === "odd") return [2, 1];
    const parts = /^(?:([+-]?\d*)n(?:\s*([+-])\s*(\d+))?|([+-]?\d+))$/.exec(text);
    if (parts === null) throw /^(?:[+-]?\d*n\s*[+-])?$/.test(text) ? unexpectedEnd() : unexpectedToken();
    const [, step, sign, offset, index] = parts;
    if (index !== undefined) return [0, clamp(Number(index))];
    return [
      step === "" || step === "+" ? 1 : step === "-" ? -1 : clamp(Number(step)),
      offset === undefined ? 0 : clamp(Number(`${sign}${offset}`)),
    ];
  }
}

const holds = (condition: Condition): Test => ({ condition, negated: false });

const typeCondition = (name: string): Condition => (name === "*" ? { kind: "any" } : { kind: "tag", name });

const clamp = (number: number): number => Math.min(Math.max(number, -(2 ** 31)), 2 ** 31 - 1);
