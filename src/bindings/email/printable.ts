/** A line of the log: what came in a message must not move the cursor of a terminal. */
export function printable(line: string): string {
  return line.replace(
    /[\0-\x1f\x7f-\x9f]/g,
    character => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
