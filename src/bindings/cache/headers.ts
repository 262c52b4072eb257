/** Header lists, `[name, value, …]`, as the cache's host side reads and writes them. */

/** The values of a header, joined by commas; undefined when there is none. `lowerName` is in lower case. */
export function headerOf(headers: readonly string[], lowerName: string): string | undefined {
  let found: string | undefined;
  for (let index = 0; index < headers.length; index += 2) {
    if (!isNamed(headers[index] as string, lowerName)) continue;
    const value = headers[index + 1] as string;
    found = found === undefined ? value : `${found}, ${value}`;
  }
  return found;
}

/** The list without the headers of these names, which are in lower case. */
export function withoutHeaders(headers: readonly string[], lowerNames: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    if (!lowerNames.has(name.toLowerCase())) kept.push(name, headers[index + 1] as string);
  }
  return kept;
}

function isNamed(name: string, lowerName: string): boolean {
  return name.length === lowerName.length && (name === lowerName || name.toLowerCase() === lowerName);
}
