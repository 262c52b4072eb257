/** JSON Web Keys (RFC 7517) as Web Cryptography has them (https://w3c.github.io/webcrypto/#JsonWebKey-dictionary). */
import { wrongField } from "../../../guest/type-errors.ts";
import { boolean, DOMString } from "../../../guest/webidl.ts";
import type { KeyMembers } from "../contract.ts";
import { decodeBase64url } from "./base64url.ts";
import type { Bytes } from "./bytes.ts";
import { dataError } from "./errors.ts";
import type { KeyContents } from "./key.ts";
import { usageNames } from "./usages.ts";

const texts = ["crv", "x", "y", "d", "n", "e", "p", "q", "dp", "dq", "qi", "k"] as const;
type TextMember = (typeof texts)[number];

export interface JsonWebKey extends Partial<Record<TextMember, string>> {
  kty: string;
  use?: string;
  key_ops?: string[];
  alg?: string;
  ext?: boolean;
  oth?: unknown[];
}

/** The dictionary that a script passed. */
export function readJwk(value: object): JsonWebKey {
  const source = value as Record<string, unknown>;
  const { kty, use, key_ops: operations, alg, ext, oth } = source;
  const jwk: JsonWebKey = { kty: DOMString(kty) };
  if (use !== undefined) jwk.use = DOMString(use);
  if (operations !== undefined) jwk.key_ops = list(operations, "key_ops").map(name => DOMString(name));
  if (alg !== undefined) jwk.alg = DOMString(alg);
  if (ext !== undefined) jwk.ext = boolean(ext);
  if (oth !== undefined) jwk.oth = list(oth, "oth");
  for (const member of texts) {
    const text = source[member];
    if (text !== undefined) jwk[member] = DOMString(text);
  }
  return jwk;
}

function list(value: unknown, member: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw wrongField(member, "JsonWebKey", "Array");
}

/** A key to export: its material under the members that describe it, in the order that workerd gives them. */
export function writeJwk(
  kty: string,
  key: KeyContents,
  alg: string | undefined,
  members: KeyMembers,
): JsonWebKey {
  const jwk: JsonWebKey = { kty, key_ops: usageNames(key.usages) };
  if (alg !== undefined) jwk.alg = alg;
  jwk.ext = true;
  for (const member of texts) if (members[member] !== undefined) jwk[member] = members[member];
  return jwk;
}

/** The bytes of a member, or a DataError with this message. */
export function memberBytes(jwk: JsonWebKey, member: TextMember, message: string): Bytes {
  const text = jwk[member];
  const bytes = text === undefined ? undefined : decodeBase64url(text);
  if (bytes === undefined || bytes.length === 0) throw dataError(message);
  return bytes;
}

/** Whether a list of operations names one twice, which RFC 7517 (section 4.3) forbids: that one. */
export function repeated(operations: readonly string[]): string | undefined {
  return operations.find((name, index) => operations.indexOf(name) !== index);
}
