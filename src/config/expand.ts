/** `$NAME`, `${NAME}` and `${NAME:-default}` in the values of .env files. Nothing is ever executed. */

type Lookup = Readonly<Record<string, string | undefined>>;

const REFERENCE = /(\\?)\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?-([^{}]*))?\})/g;
/** What a reference may grow to: each of a few lines doubling the one before would else fill the memory. */
const MAX_LENGTH = 1 << 20;

/** The values with their references replaced: by the process where it has the name, else by the files. */
export function expand(values: ReadonlyMap<string, string>, processEnv: Lookup): Map<string, string> {
  const done = new Map<string, string>();
  const replace = (value: string): string =>
    value.replace(
      REFERENCE,
      (match: string, escaped: string, plain?: string, braced?: string, otherwise = "") => {
        if (escaped !== "") return match.slice(1);
        const name = plain ?? braced ?? "";
        return (Object.hasOwn(processEnv, name) && processEnv[name]) || expanded(name) || replace(otherwise);
      },
    );
  const expanded = (name: string): string => {
    const known = done.get(name);
    if (known !== undefined) return known;
    // While it is being worked out, a reference to itself, or round a circle, has no value.
    done.set(name, "");
    const value = replace(values.get(name) ?? "");
    const kept = value.length > MAX_LENGTH ? "" : value;
    done.set(name, kept);
    return kept;
  };
  for (const name of values.keys()) expanded(name);
  return new Map(Array.from(values.keys(), name => [name, done.get(name) ?? ""]));
}
