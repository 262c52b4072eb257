/** What stands in the output where asking a value for something threw. */
export function describeThrownBy(what: string, thrown: unknown): string {
  let message: string;
  try {
    message = thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    message = "unknown";
  }
  return `<${what} threw: ${message}>`;
}
