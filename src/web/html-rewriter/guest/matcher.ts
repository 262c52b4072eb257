/**
 * Tells which selectors each element matches, in time linear in the page: an element is tried only against the steps
 * that are filed under what it has, and whether an ancestor has reached the step before is a counter.
 */
import { LIMITS } from "../limits.ts";
import type { AttributeTest, PlaceTest, Program, Step } from "./compiler.ts";
import { memoryLimitExceeded } from "./errors.ts";
import { asciiLower, type TagName, VOID } from "./names.ts";
import { ATTRIBUTE_FIELDS } from "./scan.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { HTML } from "./tree-simulator.ts";

/** What is kept of an open element that some step has matched. */
export interface OpenElement<Data> {
  readonly steps: readonly Step[];
  readonly handlers: readonly number[];
  data: Data | undefined;
}

const NO_STEPS: readonly Step[] = [];
const NO_HANDLERS: readonly number[] = [];
const OTHER_WHITESPACE = /[\t\n\f\r]/;

interface AttributeName {
  readonly name: string;
  readonly wanted: boolean;
}

export class Matcher<Data> {
  /** The handlers of the newest element's selectors, in the order in which they were registered. */
  handlers: readonly number[] = NO_HANDLERS;
  /** Whether the newest element is open now: it can have content. */
  hasContent = false;
  readonly #program: Program;
  readonly #asksAttributes: boolean;
  readonly #names: TagName<Step>[] = [];
  readonly #elements: (OpenElement<Data> | undefined)[] = [];
  /** For each depth, how many children were seen there, in all and by type. */
  readonly #children: number[] = [0];
  readonly #types: (Map<string, number> | undefined)[] = [undefined];
  readonly #attributeNames = new Map<string, AttributeName>();
  readonly #classes = new Map<string, readonly string[]>();
  #serial = 0;
  #matched: Step[] = [];
  /** The attributes of the newest element that some step asks for. */
  #foundNames: string[] = [];
  #foundValues: string[] = [];

  constructor(program: Program) {
    this.#program = program;
    this.#asksAttributes =
      program.anywhere.length > 0 ||
      program.byId.size > 0 ||
      program.byClass.size > 0 ||
      program.byAttribute.size > 0;
  }

  needsAttributes(name: TagName<Step>): boolean {
    return this.#asksAttributes || name.keyed.length > 0;
  }

  /** What is kept of the newest open element. Only of use when `handlers` is not empty. */
  get top(): OpenElement<Data> | undefined {
    return this.#elements[this.#elements.length - 1];
  }

  /** Takes a start tag in: fills `handlers`, and opens the element if it can have content. */
  startTag(name: TagName<Step>, tokenizer: Tokenizer<Step>): void {
    const program = this.#program;
    const isHtml = tokenizer.tree.tagNamespace === HTML;
    this.hasContent = isHtml ? (name.flags & VOID) === 0 : !tokenizer.tag.selfClosing;
    if (program.countsChildren || program.countsTypes) this.#count(name.name);
    this.#serial++;
    const before = this.#matched.length;
    if (before > 0) this.#matched = [];
    if (program.attributeNames.size > 0 && tokenizer.tag.count > 0) this.#findAttributes(tokenizer);
    else if (this.#foundNames.length > 0) this.#forgetAttributes();
    if (name.keyed.length > 0) this.#tryAll(name.keyed, name, isHtml);
    if (program.anywhere.length > 0) this.#tryAll(program.anywhere, name, isHtml);
    if (this.#asksAttributes) this.#tryFound(name, isHtml);
    this.handlers = this.#matched.length === 0 ? NO_HANDLERS : handlersOf(this.#matched);
    if (this.hasContent) this.#open(name);
  }

  /** Takes an end tag in: closes the element and those left open in it, the innermost first. */
  endTag(name: TagName<Step>, closed: (element: OpenElement<Data>) => void): void {
    if (name.open === 0) return;
    const names = this.#names;
    for (;;) {
      const top = names.pop()!;
      top.open--;
      const element = this.#elements.pop();
      if (element !== undefined) {
        for (const step of element.steps) step.open--;
        closed(element);
      }
      if (top === name) break;
    }
    if (this.#program.countsChildren) this.#children.length = names.length + 1;
    if (this.#program.countsTypes) this.#types.length = names.length + 1;
  }

  #open(name: TagName<Step>): void {
    if (this.#names.length === LIMITS.openElements) throw memoryLimitExceeded();
    this.#names.push(name);
    name.open++;
    if (this.#matched.length === 0) this.#elements.push(undefined);
    else this.#elements.push({ steps: this.#reach(), handlers: this.handlers, data: undefined });
    if (this.#program.countsChildren) this.#children.push(0);
    if (this.#program.countsTypes) this.#types.push(undefined);
  }

  /** Counts the newest element for the steps from which selectors go on. */
  #reach(): readonly Step[] {
    let reached: Step[] | undefined;
    for (const step of this.#matched) {
      if (!step.continued) continue;
      step.open++;
      if (reached === undefined) reached = [step];
      else reached.push(step);
    }
    return reached ?? NO_STEPS;
  }

  #count(name: string): void {
    const depth = this.#names.length;
    if (this.#program.countsChildren) this.#children[depth] = this.#children[depth]! + 1;
    if (!this.#program.countsTypes) return;
    const types = this.#types[depth] ?? new Map<string, number>();
    this.#types[depth] = types;
    types.set(name, (types.get(name) ?? 0) + 1);
  }

  #forgetAttributes(): void {
    this.#foundNames = [];
    this.#foundValues = [];
  }

  /** Notes the first attribute of each name that some step asks for. */
  #findAttributes({ tag, at, binary }: Tokenizer<Step>): void {
    this.#forgetAttributes();
    const { attributes, count } = tag;
    for (let fields = 0; fields < count * ATTRIBUTE_FIELDS; fields += ATTRIBUTE_FIELDS) {
      const source = binary.slice(at + attributes[fields]!, at + attributes[fields + 1]!);
      const { name, wanted } = this.#attributeNames.get(source) ?? this.#learn(source);
      if (!wanted || this.#foundNames.includes(name)) continue;
      this.#foundNames.push(name);
      this.#foundValues.push(binary.slice(at + attributes[fields + 2]!, at + attributes[fields + 3]!));
    }
  }

  #learn(source: string): AttributeName {
    if (this.#attributeNames.size >= LIMITS.knownNames) this.#attributeNames.clear();
    const name = asciiLower(source);
    const known = { name, wanted: this.#program.attributeNames.has(name) };
    this.#attributeNames.set(source, known);
    return known;
  }

  /** Tries what is filed under the attributes of the element. */
  #tryFound(tagName: TagName<Step>, isHtml: boolean): void {
    const { byId, byClass, byAttribute } = this.#program;
    for (let index = 0; index < this.#foundNames.length; index++) {
      const name = this.#foundNames[index]!;
      const value = this.#foundValues[index]!;
      if (name === "id") this.#tryAll(byId.get(value), tagName, isHtml);
      else if (name === "class" && byClass.size > 0) {
        for (const item of this.#classesOf(value)) this.#tryAll(byClass.get(item), tagName, isHtml);
      }
      if (byAttribute.size > 0) this.#tryAll(byAttribute.get(name), tagName, isHtml);
    }
  }

  /** The classes of an attribute, remembered: on a page the same ones come again and again. */
  #classesOf(value: string): readonly string[] {
    let classes = this.#classes.get(value);
    if (classes === undefined) {
      if (this.#classes.size >= LIMITS.knownNames || value.length > 256) this.#classes.clear();
      classes = splitBySpace(value);
      this.#classes.set(value, classes);
    }
    return classes;
  }

  #tryAll(steps: readonly Step[] | undefined, name: TagName<Step>, isHtml: boolean): void {
    if (steps === undefined) return;
    for (let index = 0; index < steps.length; index++) {
      const step = steps[index]!;
      const { before } = step;
      if (before !== undefined && (before.open === 0 || (step.child && !this.#parentReached(before))))
        continue;
      if (step.tried === this.#serial) continue;
      step.tried = this.#serial;
      if (this.#fulfils(step, name, isHtml)) this.#matched.push(step);
    }
  }

  #parentReached(step: Step): boolean {
    return this.top?.steps.includes(step) ?? false;
  }

  #fulfils({ places, attributes }: Step, name: TagName<Step>, isHtml: boolean): boolean {
    for (const test of places) if (this.#isPlaced(test, name.name) === test.negated) return false;
    for (const test of attributes) if (this.#hasAttribute(test, isHtml) === test.negated) return false;
    return true;
  }

  #isPlaced(test: PlaceTest, name: string): boolean {
    switch (test.kind) {
      case "tag":
        return name === test.name;
      case "never":
        return false;
      case "child":
        return isNth(this.#children[this.#names.length]!, test);
      case "type":
        return isNth(this.#types[this.#names.length]?.get(name) ?? 0, test);
    }
  }

  #hasAttribute(test: AttributeTest, isHtml: boolean): boolean {
    const index = this.#foundNames.indexOf(test.name);
    if (index < 0) return false;
    const value = this.#foundValues[index]!;
    switch (test.kind) {
      case "has":
        return true;
      case "id":
        return value === test.value;
      case "class":
        return value === test.value || this.#classesOf(value).includes(test.value);
      case "attribute":
        return compare(value, test, isHtml);
    }
  }
}

function isNth(index: number, { step, offset }: PlaceTest): boolean {
  const rest = index - offset;
  if (step === 0) return rest === 0;
  return rest % step === 0 && rest / step >= 0;
}

function compare(actual: string, test: AttributeTest, isHtml: boolean): boolean {
  const ignoreCase = test.ignoreCase === "html" ? isHtml : test.ignoreCase;
  const value = ignoreCase ? asciiLower(actual) : actual;
  const wanted = ignoreCase ? asciiLower(test.value) : test.value;
  if (test.operator === "=") return value === wanted;
  if (test.operator === "|=") return value === wanted || value.startsWith(`${wanted}-`);
  if (wanted === "") return false;
  switch (test.operator) {
    case "~=":
      return splitBySpace(value).includes(wanted);
    case "^=":
      return value.startsWith(wanted);
    case "$=":
      return value.endsWith(wanted);
    case "*=":
      return value.includes(wanted);
  }
}

function splitBySpace(value: string): string[] {
  return (OTHER_WHITESPACE.test(value) ? value.replace(/[\t\n\f\r]/g, " ") : value).split(" ");
}

/** The handlers of all the steps, each once, in the order in which they were registered. */
function handlersOf(steps: readonly Step[]): readonly number[] {
  if (steps.length === 1) return steps[0]!.handlers;
  const all: number[] = [];
  for (const { handlers } of steps) for (const handler of handlers) all.push(handler);
  if (all.length > 1) all.sort(ascending);
  return all.length > 1 ? all.filter(isFirst) : all;
}

const ascending = (left: number, right: number): number => left - right;
const isFirst = (handler: number, index: number, all: readonly number[]): boolean =>
  index === 0 || all[index - 1] !== handler;
