/** Paths of requests and paths of assets: decoding, encoding, and the base path between them. */

/** A request's path as assets are called: each segment decoded once, runs of slashes one. What cannot be decoded stays. */
export function decodePath(pathname: string): string {
  if (!pathname.includes("%") && !pathname.includes("//")) return pathname;
  return pathname.split("/").map(decodeSegment).join("/").replace(/\/+/g, "/");
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

const NEEDS_ENCODING = /[^\w.!~*'()/-]/;

/** The one path of a URL under which an asset is served; every other spelling leads there. */
export function encodePath(path: string): string {
  if (!NEEDS_ENCODING.test(path)) return path;
  return path.split("/").map(encodeURIComponent).join("/");
}

/** The path below the base path; null for one outside of it. */
export function withoutBase(path: string, base: string): string | null {
  if (base === "/") return path;
  if (path === base.slice(0, -1)) return "/";
  return path.startsWith(base) ? path.slice(base.length - 1) : null;
}

/** "" stands for the base path itself, without the slash at its end. */
export function withBase(path: string, base: string): string {
  return base === "/" ? path : base.slice(0, -1) + path;
}

/** What is wrong with a base path; undefined for a good one. */
export function basePathProblem(value: string): string | undefined {
  if (value === "") return "must not be empty";
  if (value.startsWith("//") || /^[a-z][a-z\d+.-]*:/i.test(value)) return "should be a path, not a URL";
  if (/[\\?#%\x00-\x1f\x7f]/.test(value))
    return "should be a plain path: no backslash, query, fragment, percent sign or control character";
  return undefined;
}

/** `/a/./b/../c` as `/a/c/`. */
export function normalizeBasePath(value: string): string {
  const segments: string[] = [];
  for (const segment of value.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return segments.length === 0 ? "/" : `/${segments.join("/")}/`;
}
