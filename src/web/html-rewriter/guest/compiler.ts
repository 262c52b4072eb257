/** From selectors to steps: one for each compound, shared by the selectors that begin alike, found by what an element has. */
import { asciiLower } from "./names.ts";
import type { AttributeOperator, ComplexSelector, Compound, Condition } from "./selector-parser.ts";

/** A condition on one attribute, its values as bytes. */
export interface AttributeTest {
  readonly kind: "id" | "class" | "has" | "attribute";
  readonly name: string;
  readonly operator: AttributeOperator;
  readonly value: string;
  readonly ignoreCase: boolean | "html";
  readonly negated: boolean;
}

/** A condition on the name of an element, or on its place among its siblings. */
export interface PlaceTest {
  readonly kind: "tag" | "never" | "child" | "type";
  readonly name: string;
  readonly step: number;
  readonly offset: number;
  readonly negated: boolean;
}

/** The part of selectors up to one compound. An element reaches it that fulfils the compound below one that reached `before`. */
export class Step {
  readonly before: Step | undefined;
  readonly child: boolean;
  readonly places: readonly PlaceTest[];
  readonly attributes: readonly AttributeTest[];
  /** The handlers of selectors that end here. */
  readonly handlers: number[] = [];
  /** Whether selectors go on from here. */
  continued = false;
  /** How many open elements have reached it. */
  open = 0;
  /** The last element that was tried. */
  tried = 0;

  constructor(
    before: Step | undefined,
    child: boolean,
    places: readonly PlaceTest[],
    attributes: readonly AttributeTest[],
  ) {
    this.before = before;
    this.child = child;
    this.places = places;
    this.attributes = attributes;
  }
}

/** All selectors of a rewriter. Each step stands in one of the lists, by the rarest thing that an element must have. */
export class Program {
  readonly byTag = new Map<string, Step[]>();
  readonly byId = new Map<string, Step[]>();
  readonly byClass = new Map<string, Step[]>();
  readonly byAttribute = new Map<string, Step[]>();
  readonly anywhere: Step[] = [];
  /** The attributes that some step asks for. */
  readonly attributeNames = new Set<string>();
  countsChildren = false;
  countsTypes = false;
  readonly #steps = new Map<string, Step>();
  readonly #numbers = new Map<Step | undefined, number>([[undefined, 0]]);
  readonly #toBytes: (text: string) => string | undefined;

  /** `toBytes` gives a text in the document's encoding, as a string of bytes; undefined if it cannot be. */
  constructor(toBytes: (text: string) => string | undefined) {
    this.#toBytes = toBytes;
  }

  add(selector: ComplexSelector, handler: number): void {
    let step: Step | undefined;
    for (const compound of selector) {
      if (step !== undefined) step.continued = true;
      step = this.#step(step, compound);
    }
    if (step?.handlers.at(-1) !== handler) step?.handlers.push(handler);
  }

  #step(before: Step | undefined, compound: Compound): Step {
    const key = JSON.stringify([this.#numbers.get(before), compound]);
    let step = this.#steps.get(key);
    if (step === undefined) {
      step = this.#create(before, compound);
      this.#steps.set(key, step);
      this.#numbers.set(step, this.#numbers.size);
      this.#file(step);
    }
    return step;
  }

  #create(before: Step | undefined, { tests, child }: Compound): Step {
    const places: PlaceTest[] = [];
    const attributes: AttributeTest[] = [];
    for (const { condition, negated } of tests) {
      const attribute = this.#attributeTest(condition, negated);
      if (attribute !== undefined) attributes.push(attribute);
      else this.#addPlace(condition, negated, places);
    }
    return new Step(before, child, places, attributes);
  }

  #attributeTest(condition: Condition, negated: boolean): AttributeTest | undefined {
    const { kind } = condition;
    if (kind !== "id" && kind !== "class" && kind !== "has" && kind !== "attribute") return undefined;
    const full = kind === "attribute" ? condition : undefined;
    const name = kind === "id" || kind === "class" ? kind : this.#toBytes(condition.name);
    const value = this.#toBytes(full?.value ?? condition.name);
    // What the encoding does not have is in no document; and that not even a negation of it holds is lol-html's rule.
    const operator = full?.operator ?? "=";
    if (name === undefined || value === undefined) return undefined;
    this.attributeNames.add(name);
    const ignoreCase = full?.ignoreCase ?? false;
    return {
      kind,
      name,
      operator,
      value: ignoreCase === true ? asciiLower(value) : value,
      ignoreCase,
      negated,
    };
  }

  #addPlace(condition: Condition, negated: boolean, places: PlaceTest[]): void {
    const add = (kind: PlaceTest["kind"], name: string, step: number, offset: number, not: boolean) =>
      places.push({ kind, name, step, offset, negated: not });
    switch (condition.kind) {
      case "any":
        if (negated) add("never", "", 0, 0, false);
        break;
      case "never":
        if (!negated) add("never", "", 0, 0, false);
        break;
      case "tag": {
        const name = this.#toBytes(condition.name);
        if (name === undefined) add("never", "", 0, 0, false);
        else add("tag", asciiLower(name), 0, 0, negated);
        break;
      }
      case "child":
      case "type":
        if (condition.kind === "child") this.countsChildren = true;
        else this.countsTypes = true;
        add(condition.kind, "", condition.step, condition.offset, negated);
        break;
      default:
        add("never", "", 0, 0, false);
    }
  }

  #file(step: Step): void {
    const tag = step.places.find(({ kind, negated }) => kind === "tag" && !negated);
    if (tag !== undefined) {
      push(this.byTag, tag.name, step);
      return;
    }
    const find = (wanted: AttributeTest["kind"]) =>
      step.attributes.find(({ kind, negated }) => kind === wanted && !negated);
    const id = find("id");
    const className = find("class");
    const attribute = find("attribute") ?? find("has");
    if (id !== undefined) push(this.byId, id.value, step);
    else if (className !== undefined) push(this.byClass, className.value, step);
    else if (attribute !== undefined) push(this.byAttribute, attribute.name, step);
    else this.anywhere.push(step);
  }
}

function push(map: Map<string, Step[]>, key: string, step: Step): void {
  const steps = map.get(key);
  if (steps === undefined) map.set(key, [step]);
  else steps.push(step);
}
