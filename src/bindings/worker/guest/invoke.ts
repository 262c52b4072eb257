/** Results of invoked functions, as JSON. */

/** The JSON of a result; null for undefined. Throws for what JSON cannot express. */
export function resultToJson(result: unknown): string | null {
  if (result === undefined) return null;
  let json: string | undefined;
  try {
    json = JSON.stringify(result);
  } catch (error) {
    throw notJson(error instanceof Error ? error.message : String(error));
  }
  if (json === undefined) throw notJson(`it is a ${typeof result}`);
  return json;
}

function notJson(why: string): Error {
  return Object.assign(new TypeError(`The function's result cannot be expressed as JSON: ${why}.`), {
    code: "result-not-json",
  });
}
