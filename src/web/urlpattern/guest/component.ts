/** A component of a pattern, compiled (https://urlpattern.spec.whatwg.org/#compile-a-component). */
import {
  type Encoder,
  escapeRegexp,
  FULL_WILDCARD,
  type Options,
  type Part,
  parsePattern,
  segmentWildcard,
} from "./parts.ts";
import { compileRegExp } from "./regexp.ts";
import { isNameCharacter } from "./tokenize.ts";

export interface Component {
  readonly pattern: string;
  readonly regexp: RegExp;
  readonly names: readonly string[];
  readonly hasRegExpGroups: boolean;
}

export function compileComponent(input: string, encode: Encoder, options: Options): Component {
  const parts = parsePattern(input, options, encode);
  return {
    pattern: generatePattern(parts, options),
    regexp: compileParts(input, parts, options),
    names: parts.filter(part => part.type !== "fixed-text").map(part => part.name),
    hasRegExpGroups: parts.some(part => part.type === "regexp"),
  };
}

function compileParts(input: string, parts: readonly Part[], options: Options): RegExp {
  const source = parts.map(part => generateSource(part, options)).join("");
  try {
    return compileRegExp(`^${source}$`, options.ignoreCase ? "vi" : "v");
  } catch {
    throw new TypeError(`Invalid pattern '${input}': a regular expression in it is not valid.`);
  }
}

/** https://urlpattern.spec.whatwg.org/#generate-a-regular-expression-and-name-list */
function generateSource(part: Part, options: Options): string {
  const { modifier } = part;
  if (part.type === "fixed-text") {
    const text = escapeRegexp(part.value);
    return modifier === "" ? text : `(?:${text})${modifier}`;
  }
  const value =
    part.type === "segment-wildcard"
      ? segmentWildcard(options)
      : part.type === "full-wildcard"
        ? FULL_WILDCARD
        : part.value;
  const once = modifier === "" || modifier === "?";
  if (part.prefix === "" && part.suffix === "") {
    return once ? `(${value})${modifier}` : `((?:${value})${modifier})`;
  }
  const prefix = escapeRegexp(part.prefix);
  const suffix = escapeRegexp(part.suffix);
  if (once) return `(?:${prefix}(${value})${suffix})${modifier}`;
  const repeated = `(?:${prefix}((?:${value})(?:${suffix}${prefix}(?:${value}))*)${suffix})`;
  return modifier === "*" ? `${repeated}?` : repeated;
}

/** https://urlpattern.spec.whatwg.org/#escape-a-pattern-string */
export function escapePattern(text: string): string {
  return text.replace(/[+*?:{}()\\]/g, "\\$&");
}

const isNumber = (name: string): boolean => /^[0-9]/.test(name);

/** https://urlpattern.spec.whatwg.org/#generate-a-pattern-string */
function generatePattern(parts: readonly Part[], options: Options): string {
  let result = "";
  for (const [index, part] of parts.entries()) {
    if (part.type === "fixed-text") {
      const text = escapePattern(part.value);
      result += part.modifier === "" ? text : `{${text}}${part.modifier}`;
      continue;
    }
    const previous = parts[index - 1];
    const grouped = needsGrouping(part, previous, parts[index + 1], options);
    const body = escapePattern(part.prefix) + generateMatcher(part, previous, grouped, options);
    const group = body + escapePattern(part.suffix);
    result += `${grouped ? `{${group}}` : group}${part.modifier}`;
  }
  return result;
}

function needsGrouping(
  part: Part,
  previous: Part | undefined,
  next: Part | undefined,
  options: Options,
): boolean {
  if (part.suffix !== "" || (part.prefix !== "" && part.prefix !== options.prefix)) return true;
  const plain = part.type === "segment-wildcard" && part.modifier === "" && !isNumber(part.name);
  if (plain && next !== undefined && next.prefix === "" && next.suffix === "") {
    if (next.type === "fixed-text" ? isNameCharacter(next.value, false) : isNumber(next.name)) return true;
  }
  return (
    part.prefix === "" &&
    previous?.type === "fixed-text" &&
    options.prefix !== "" &&
    previous.value.endsWith(options.prefix)
  );
}

function generateMatcher(part: Part, previous: Part | undefined, grouped: boolean, options: Options): string {
  const named = !isNumber(part.name);
  const name = named ? `:${part.name}` : "";
  switch (part.type) {
    case "regexp":
      return `${name}(${part.value})`;
    case "segment-wildcard":
      if (!named) return `(${segmentWildcard(options)})`;
      return part.suffix !== "" && isNameCharacter(part.suffix, false) ? `${name}\\` : name;
    default: {
      const separate =
        previous === undefined ||
        previous.type === "fixed-text" ||
        previous.modifier !== "" ||
        grouped ||
        part.prefix !== "";
      return !named && separate ? "*" : `${name}(${FULL_WILDCARD})`;
    }
  }
}
