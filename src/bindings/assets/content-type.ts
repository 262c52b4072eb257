type Types = typeof import("mime").default;

let types: Types | undefined;

/** By the extension of the path; null where it says nothing. Text is UTF-8. The table is loaded by the first asset. */
export async function contentTypeOf(path: string): Promise<string | null> {
  types ??= (await import("mime")).default;
  const type = types.getType(path);
  return type?.startsWith("text/") ? `${type}; charset=utf-8` : type;
}
