/** What a key may be used for, as a set of bits in the order in which `usages` lists them. */
import { syntaxError } from "./errors.ts";

export type UsageName =
  | "encrypt"
  | "decrypt"
  | "sign"
  | "verify"
  | "deriveKey"
  | "deriveBits"
  | "wrapKey"
  | "unwrapKey";
export type Usages = number;

const names: readonly UsageName[] = [
  "encrypt",
  "decrypt",
  "sign",
  "verify",
  "deriveKey",
  "deriveBits",
  "wrapKey",
  "unwrapKey",
];

/** The set of one usage. */
export function usageOf(name: UsageName): Usages {
  return 1 << names.indexOf(name);
}

export function usages(...list: readonly UsageName[]): Usages {
  let set = 0;
  for (const name of list) set |= usageOf(name);
  return set;
}

export const NONE: Usages = 0;
export const SIGNING = usages("sign", "verify");
export const ENCRYPTION = usages("encrypt", "decrypt", "wrapKey", "unwrapKey");
export const WRAPPING = usages("wrapKey", "unwrapKey");
export const DERIVATION = usages("deriveKey", "deriveBits");
/** The usages that a private key may have, and a public one. */
export const PRIVATE = usages("decrypt", "sign", "unwrapKey") | DERIVATION;
export const PUBLIC = usages("encrypt", "verify", "wrapKey");

export function usageNames(set: Usages): UsageName[] {
  const list: UsageName[] = [];
  for (let bit = 0; bit < names.length; bit++) if (set & (1 << bit)) list.push(names[bit]!);
  return list;
}

/** The set of the usages named, all of which must be allowed. `action`: "generate", "import secret", … */
export function checkUsages(
  action: string,
  algorithm: string,
  given: readonly string[],
  allowed: Usages,
): Usages {
  let set = 0;
  for (const name of given) {
    const bit = names.indexOf(name as UsageName);
    if (bit === -1 || (allowed & (1 << bit)) === 0) {
      throw syntaxError(`Attempt to ${action} ${algorithm} key with invalid usage "${name}".`);
    }
    set |= 1 << bit;
  }
  return set;
}

/** Refuses a secret or private key that could be used for nothing. */
export function requireSomeUsage(set: Usages): void {
  if (set === NONE) {
    throw syntaxError("Secret/private CryptoKeys must have at least one usage.");
  }
}
