/** What a worker can tell of its version. Here a version is the code of one load. */
import { createHash } from "node:crypto";
import type { Program } from "../../engine/program.ts";

interface Binding {
  readonly type: string;
  readonly name: string;
}

/** The bindings, where version metadata have their value. All isolates are given the same. */
export function withVersion(
  bindings: readonly Binding[],
  program: Program,
  now: () => number,
): readonly Binding[] {
  if (!bindings.some(({ type }) => type === "version_metadata")) return bindings;
  const value = { id: idOf(program), tag: "", timestamp: new Date(now()).toISOString() };
  return bindings.map(binding => (binding.type === "version_metadata" ? { ...binding, value } : binding));
}

/** A UUID that the same code always has, and no other (https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8). */
function idOf({ main, modules }: Program): string {
  const hash = createHash("sha256").update(main);
  for (const { name, source } of modules) hash.update(`\0${name}\0${source.length}\0`).update(source);
  const digits = hash.digest("hex");
  const variant = "89ab"[Number.parseInt(digits.charAt(16), 16) % 4];
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join("-");
}
