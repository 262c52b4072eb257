/** Header lists, `[name, value, …]`, as the host reads and changes them. Names that are looked for are in lower case. */

/** The values of a header, joined by commas; undefined when there is none. */
export function joinedHeader(headers: readonly string[], lowerName: string): string | undefined {
  let found: string | undefined;
  for (let index = 0; index < headers.length; index += 2) {
    if (!isNamed(headers[index] as string, lowerName)) continue;
    const value = headers[index + 1] as string;
    found = found === undefined ? value : `${found}, ${value}`;
  }
  return found;
}

/** Where a header stands first; -1 without one. */
export function indexOfHeader(headers: readonly string[], lowerName: string): number {
  for (let index = 0; index < headers.length; index += 2)
    if (isNamed(headers[index] as string, lowerName)) return index;
  return -1;
}

/** Takes the headers of these names out of the list. */
export function removeHeaders(headers: string[], ...lowerNames: string[]): void {
  for (let index = headers.length - 2; index >= 0; index -= 2)
    if (lowerNames.includes((headers[index] as string).toLowerCase())) headers.splice(index, 2);
}

/** The list without the headers of these names. */
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
