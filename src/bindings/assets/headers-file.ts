/** `_headers`: https://developers.cloudflare.com/workers/static-assets/headers/ */
import { indexOfHeader, removeHeaders } from "../../web/fetch/header-list.ts";
import { TOKEN } from "../token.ts";
import { type AssetsLimits, assetsLimits } from "./limits.ts";
import {
  compilePattern,
  fillIn,
  type PathPattern,
  type RuleProblem,
  ruleLines,
  splitUrl,
  urlPath,
} from "./rules.ts";

interface HeaderRule {
  readonly pattern: PathPattern;
  /** By lower-case name. */
  readonly set: Map<string, string>;
  readonly unset: string[];
}

export interface HeaderRules {
  readonly problems: readonly RuleProblem[];
  /** Changes the headers of an answer to that URL. */
  apply(url: URL, headers: string[]): void;
}

const DETACH = "! ";
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;

export function parseHeaders(
  text: string,
  limits: Pick<AssetsLimits, "headerRules" | "ruleLineLength"> = assetsLimits,
): HeaderRules {
  const problems: RuleProblem[] = [];
  const rules: HeaderRule[] = [];
  /** The rule that lines add to: null after one that is wrong, whose lines are left out without a word of their own. */
  let rule: HeaderRule | null | undefined;
  let ruleLine = 0;
  const finish = () => {
    if (!rule) return;
    if (rule.set.size > 0 || rule.unset.length > 0) rules.push(rule);
    else problems.push({ line: ruleLine, message: "the path has no headers below it" });
  };
  for (const [number, line] of ruleLines(text, limits.ruleLineLength, problems)) {
    const wrong = (message: string) => problems.push({ line: number, message });
    if (/^(?:\S+:\/\/|\/)/.test(line)) {
      finish();
      rule = null;
      ruleLine = number;
      if (rules.length >= limits.headerRules) {
        wrong(`there can be ${limits.headerRules} rules; this one and all after it are left out`);
        break;
      }
      try {
        rule = { pattern: compilePattern(rulePath(line)), set: new Map(), unset: [] };
      } catch (error) {
        wrong((error as Error).message);
      }
    } else if (rule !== null) {
      const problem = rule === undefined ? "a path must come before its headers" : addHeader(rule, line);
      if (problem !== undefined) wrong(problem);
    }
  }
  finish();
  return { problems, apply: (url, headers) => applyRules(rules, url, headers) };
}

function rulePath(line: string): string {
  const absolute = splitUrl(line);
  if (absolute === null) {
    if (!line.startsWith("/")) throw new SyntaxError("a rule is a path, or a URL that begins with https://");
    return urlPath(line, false);
  }
  if (/:\d+$/.test(absolute.host)) throw new SyntaxError("a URL cannot have a port here");
  return `https://${absolute.host}${urlPath(absolute.path, false)}`;
}

/** Adds a line to its rule; what is wrong with it, otherwise. */
function addHeader(rule: HeaderRule, line: string): string | undefined {
  const colon = line.indexOf(":");
  if (colon < 0) {
    if (!line.startsWith(DETACH)) return "a header is written as Name: value, and taken away by ! Name";
    rule.unset.push(line.slice(DETACH.length).trim().toLowerCase());
    return undefined;
  }
  const name = line.slice(0, colon).trim().toLowerCase();
  const value = line.slice(colon + 1).trim();
  if (name === "") return "the header has no name";
  if (!TOKEN.test(name)) return `"${name}" cannot be a header's name`;
  if (value === "") return "the header has no value";
  if (CONTROL.test(value)) return "the header's value has a control character in it";
  const before = rule.set.get(name);
  rule.set.set(name, before === undefined ? value : `${before}, ${value}`);
  return undefined;
}

/** All rules that match, in order: the first to name a header replaces it, later ones add to it. */
function applyRules(rules: readonly HeaderRule[], url: URL, headers: string[]): void {
  const own = new Set<string>();
  for (const { pattern, set, unset } of rules) {
    const captures = pattern.match(url);
    if (captures === null) continue;
    for (const name of unset) removeHeaders(headers, name);
    for (const [name, text] of set) {
      const value = fillIn(text, captures);
      const at = own.has(name) ? indexOfHeader(headers, name) : -1;
      if (at >= 0 && name !== "set-cookie") {
        headers[at + 1] += `, ${value}`;
        continue;
      }
      if (!own.has(name)) removeHeaders(headers, name);
      headers.push(name, value);
      own.add(name);
    }
  }
}
