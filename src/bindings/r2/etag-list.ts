/** Entity tags in If-Match and If-None-Match, as workerd reads them and in its words. Runs on either side. */
import type { R2Etag } from "./contract.ts";

const TAG_OR_WILDCARD = /\*|(W[^"*]*)?"/y;

/** The entity tags of a header. `name` is the header's, in lower case. Throws an Error for what is no list of them. */
export function parseEtagList(name: string, header: string): readonly R2Etag[] {
  const etags: R2Etag[] = [];
  let at = 0;
  let separated = true;
  for (;;) {
    while (/[\s,]/.test(header.charAt(at))) {
      if (header.charAt(at) === ",") separated = true;
      at++;
    }
    if (at >= header.length) break;
    TAG_OR_WILDCARD.lastIndex = at;
    const match = TAG_OR_WILDCARD.exec(header);
    if (match === null) throw new Error(`Invalid ETag in ${name} header`);
    if (!separated) throw new Error(`Comma was expected to separate etags. ${unexpected(match[0])}`);
    if (match[0] === "*") return [["*"]];
    if (match[1] !== undefined && match[1] !== "W/") {
      throw new Error("Weak etags must start with W/ and their value must be quoted");
    }
    const start = TAG_OR_WILDCARD.lastIndex;
    const end = header.indexOf('"', start);
    if (end < 0) throw new Error("Unclosed double quote for Etag");
    etags.push([match[1] === undefined ? "strong" : "weak", header.slice(start, end)]);
    at = end + 1;
    separated = false;
  }
  if (etags.length === 0) throw new Error(`Invalid ETag in ${name} header`);
  return etags;
}

function unexpected(found: string): string {
  if (found === "*") return "Encountered a wildcard character '*' instead.";
  const what = found.startsWith("W") ? ["weak quotation", "W", "weak"] : ["double quote", '"', "strong"];
  return `Encountered a ${what[0]} character '${what[1]}' instead. This would otherwise indicate the start of a new ${what[2]} etag.`;
}
