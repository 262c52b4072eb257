/** Module rules: which imports are text, data or WebAssembly. https://developers.cloudflare.com/workers/wrangler/bundling/ */
import type { ModuleRule, ModuleType } from "../config/config.ts";

const DEFAULT_RULES: readonly ModuleRule[] = [
  { type: "Text", globs: ["**/*.txt", "**/*.html", "**/*.sql"], fallthrough: true },
  { type: "Data", globs: ["**/*.bin"], fallthrough: true },
  { type: "CompiledWasm", globs: ["**/*.wasm", "**/*.wasm?module"], fallthrough: true },
];

/** The rules in force: a rule ends the search for its type unless it says `fallthrough`. */
export function effectiveRules(rules: readonly ModuleRule[]): readonly ModuleRule[] {
  const closed = new Set<ModuleType>();
  return [...rules, ...DEFAULT_RULES].filter(rule => {
    if (closed.has(rule.type)) return false;
    if (!rule.fallthrough) closed.add(rule.type);
    return true;
  });
}

/** A glob as a regular expression that JavaScript and Go (esbuild's filters) both read. It matches from any folder on. */
export function globToRegExp(glob: string): string {
  let pattern = "";
  for (let index = 0; index < glob.length; index++) {
    const char = glob[index]!;
    if (glob.startsWith("**/", index)) {
      pattern += "(?:.*/)?";
      index += 2;
    } else if (glob.startsWith("**", index)) {
      pattern += ".*";
      index += 1;
    } else if (char === "*") pattern += "[^/]*";
    else pattern += char.replace(/[\\^$.|?+()[\]{}]/, "\\$&");
  }
  return `(?:^|/)${pattern.replace(/^\\\.\//, "")}$`;
}

/** The type of a specifier or a path; undefined where no rule speaks of it. */
export function matcherOf(rules: readonly ModuleRule[]): (path: string) => ModuleType | undefined {
  const patterns = rules.flatMap(rule =>
    rule.globs.map(glob => ({ type: rule.type, pattern: new RegExp(globToRegExp(glob)) })),
  );
  return path => patterns.find(({ pattern }) => pattern.test(path))?.type;
}
