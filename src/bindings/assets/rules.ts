/**
 * What `_headers` and `_redirects` have in common: lines, patterns of paths with one `*` and placeholders such as
 * `:name`, and what these stand for.
 */

/** A line that is not applied: its number, from 1, and why. */
export interface RuleProblem {
  readonly line: number;
  readonly message: string;
}

/** What the pattern's `*` (as `splat`) and placeholders stand for in a path that it matches. */
export type Captures = Readonly<Record<string, string>>;

export interface PathPattern {
  /** Null where the URL does not match. */
  match(url: URL): Captures | null;
}

const PLACEHOLDER = /:([A-Za-z]\w*)/g;

/** Whether a path is more than a plain path. */
export const isPattern = (path: string) => path.includes("*") || path.search(PLACEHOLDER) >= 0;

/** Lines that say something, with their numbers. Those too long to be read are problems. */
export function* ruleLines(
  text: string,
  longest: number,
  problems: RuleProblem[],
): Generator<readonly [line: number, text: string]> {
  let number = 0;
  for (const raw of text.split("\n")) {
    number++;
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    if (line.length > longest)
      problems.push({ line: number, message: `the line is longer than ${longest} characters` });
    else yield [number, line];
  }
}

/** Compiles a path, or an `https://` URL without a port. Throws what a reader can understand. */
export function compilePattern(path: string): PathPattern {
  const stars = path.split("*").length - 1;
  if (stars > 1) throw new SyntaxError("there can be one * only; name the other parts, as :name does");
  if (stars === 1 && /:splat(?!\w)/.test(path))
    throw new SyntaxError("* is called :splat already, and there cannot be another one");
  const hasHost = path.startsWith("https://");
  const hostEnd = hasHost ? path.indexOf("/", "https://".length) : 0;
  const names = new Set<string>();
  const source = path.replace(/\*|:([A-Za-z]\w*)|[^*:]+|:/g, (part, name: string | undefined, at: number) => {
    if (part === "*") return "(?<splat>.*)";
    if (name === undefined) return escapeRegExp(part);
    if (names.has(name)) throw new SyntaxError(`:${name} is there twice`);
    names.add(name);
    return at < hostEnd ? `(?<${name}>[^/.]+)` : `(?<${name}>[^/]+)`;
  });
  const expression = new RegExp(`^${source}$`);
  return {
    // As on Cloudflare, a rule for a host applies to both protocols.
    match: url => {
      const found = expression.exec(hasHost ? `https://${url.hostname}${url.pathname}` : url.pathname);
      return found === null ? null : (found.groups ?? {});
    },
  };
}

/** A text as a part of a regular expression that matches just it. */
export const escapeRegExp = (text: string) => text.replace(/[-/\\^$*+?.()|[\]{}]/g, "\\$&");

/** The text with what its placeholders stand for. Unknown ones stay. */
export function fillIn(text: string, captures: Captures): string {
  const names = Object.keys(captures);
  if (names.length === 0 || !text.includes(":")) return text;
  return text.replace(new RegExp(`:(${names.join("|")})`, "g"), (_, name: string) => captures[name] ?? "");
}

/** A path as URLs spell it. Throws for what no URL can be. */
export function urlPath(path: string, withQuery: boolean): string {
  const url = new URL(`https://host${path.startsWith("/") ? path : `/${path}`}`);
  return withQuery ? `${url.pathname}${url.search}${url.hash}` : url.pathname;
}

/** `https://host/path` in its parts; null for any other text. */
export function splitUrl(text: string): { readonly host: string; readonly path: string } | null {
  const [, host, path] = /^https:\/\/+([^/]+)(.*)$/.exec(text) ?? [];
  return host === undefined ? null : { host, path: path ?? "" };
}
