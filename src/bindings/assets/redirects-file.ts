/** `_redirects`: https://developers.cloudflare.com/workers/static-assets/redirects/ */
import { type AssetsLimits, assetsLimits } from "./limits.ts";
import {
  compilePattern,
  fillIn,
  isPattern,
  type PathPattern,
  type RuleProblem,
  ruleLines,
  splitUrl,
  urlPath,
} from "./rules.ts";
import type { HtmlHandling } from "./settings.ts";

interface Target {
  /** A path, or an `https://` URL. */
  readonly to: string;
  readonly status: number;
}

export interface RedirectRules {
  readonly problems: readonly RuleProblem[];
  /** Where a request for that URL is to go; null where no rule says so. Status 200: answer with the asset there. */
  match(url: URL): Target | null;
}

type Limits = Pick<AssetsLimits, "staticRedirects" | "dynamicRedirects" | "ruleLineLength">;

const STATUSES = [200, 301, 302, 303, 307, 308];

/** A rule of these would be followed by the redirect that `html_handling` answers with, back to it. */
const INDEX = /\/index(?:\.html)?$/;

export function parseRedirects(
  text: string,
  htmlHandling: HtmlHandling,
  limits: Limits = assetsLimits,
): RedirectRules {
  const problems: RuleProblem[] = [];
  const plain = new Map<string, Target>();
  const dynamic: (Target & { readonly pattern: PathPattern })[] = [];
  const seen = new Set<string>();
  for (const [number, line] of ruleLines(text, limits.ruleLineLength, problems)) {
    const wrong = (message: string) => problems.push({ line: number, message });
    try {
      const { from, to, status } = parseLine(line, htmlHandling);
      if (seen.has(from)) {
        wrong(`there is a rule for ${from} already`);
        continue;
      }
      seen.add(from);
      // Order matters once there is a pattern: a plain path after it is tried after it.
      if (dynamic.length === 0 && !isPattern(from)) {
        if (plain.size < limits.staticRedirects) plain.set(from, { to, status });
        else wrong(`there can be ${limits.staticRedirects} rules without * and placeholders`);
      } else if (dynamic.length < limits.dynamicRedirects) {
        dynamic.push({ pattern: compilePattern(from), to, status });
      } else {
        wrong(
          `there can be ${limits.dynamicRedirects} rules with * and placeholders (and after them); ` +
            "this one and all after it are left out",
        );
        break;
      }
    } catch (error) {
      wrong((error as Error).message);
    }
  }
  return {
    problems,
    match(url) {
      const found = plain.get(url.pathname);
      if (found !== undefined) return found;
      for (const { pattern, to, status } of dynamic) {
        const captures = pattern.match(url);
        if (captures !== null) return { to: filledTarget(to, captures), status };
      }
      return null;
    },
  };
}

function parseLine(line: string, htmlHandling: HtmlHandling): Target & { readonly from: string } {
  const words = line.replace(/\s+#.*$/, "").split(/\s+/);
  const [fromText = "", toText, statusText = "302"] = words;
  if (toText === undefined || words.length > 3)
    throw new SyntaxError("a rule is written as FROM TO [STATUS]");
  if (splitUrl(fromText) !== null) throw new SyntaxError("FROM must be a path, not a URL");
  const from = urlPath(fromText, false);
  const absolute = splitUrl(toText);
  if (absolute === null && !toText.startsWith("/"))
    throw new SyntaxError("TO must be a path, or a URL that begins with https://");
  const to =
    absolute === null ? urlPath(toText, true) : `https://${absolute.host}${urlPath(absolute.path, true)}`;
  const status = Number(statusText);
  if (!STATUSES.includes(status))
    throw new SyntaxError(`the status is one of ${STATUSES.join(", ")}, not ${statusText}`);
  if (status === 200 && absolute !== null) throw new SyntaxError("with the status 200, TO must be a path");
  const toIndex = absolute === null && INDEX.test(to);
  if (toIndex && (from.endsWith("/*") || (from.endsWith("/") && htmlHandling !== "none")))
    throw new SyntaxError(
      "this would go on for ever: /index and .html are redirected to the path without them",
    );
  return { from, to, status };
}

/** What came out of the request's path must not turn a path into a URL. */
function filledTarget(to: string, captures: Readonly<Record<string, string>>): string {
  const filled = fillIn(to, captures);
  if (splitUrl(to) !== null) return filled;
  const [, path = "", rest = ""] = /^([^?#]*)(.*)$/s.exec(filled) ?? [];
  return path.replace(/[/\\]+/g, "/") + rest;
}

/** The `Location` of a redirect. The request's query goes along unless the rule has one. */
export function locationOf(to: string, url: URL): string {
  const target = new URL(to, url);
  const { search, hash } = target;
  const tail = (search === "" ? url.search : search) + hash;
  if (target.origin === url.origin) return target.pathname + tail;
  return target.href.slice(0, target.href.length - search.length - hash.length) + tail;
}
