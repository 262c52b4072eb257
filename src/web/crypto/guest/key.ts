/** CryptoKey (https://w3c.github.io/webcrypto/#cryptokey-interface): a handle on key material that scripts cannot see. */
import { exposeInterface, illegalConstructor } from "../../../guest/webidl.ts";
import type { CurveName, HashName } from "../contract.ts";
import { type Usages, usageNames } from "./usages.ts";

/** What is inside a key. The material of a secret key is its bytes, of a public one SPKI, of a private one PKCS #8. */
export interface KeyContents {
  /** The algorithm's normalised name. */
  readonly name: string;
  readonly type: "secret" | "public" | "private";
  readonly extractable: boolean;
  readonly usages: Usages;
  readonly material: Uint8Array<ArrayBuffer>;
  readonly hash?: HashName;
  readonly curve?: CurveName;
  readonly modulusLength?: number;
}

/** The `algorithm` of a key, as scripts see it. */
export type KeyAlgorithm = { readonly name: string } & Readonly<Record<string, unknown>>;

const creating = Symbol();
let contentsOf: (key: CryptoKey) => KeyContents;
let hasContents: (value: object) => value is CryptoKey;

/** As on workerd, the attributes are properties of each key. */
export class CryptoKey {
  declare readonly usages: readonly string[];
  declare readonly algorithm: KeyAlgorithm;
  declare readonly extractable: boolean;
  declare readonly type: string;
  readonly #contents: KeyContents;

  constructor(...args: unknown[]) {
    if (args[0] !== creating) throw illegalConstructor();
    const contents = args[1] as KeyContents;
    this.#contents = contents;
    Object.defineProperties(this, {
      usages: { value: usageNames(contents.usages), enumerable: true },
      algorithm: { value: args[2], enumerable: true },
      extractable: { value: contents.extractable, enumerable: true },
      type: { value: contents.type, enumerable: true },
    });
  }

  static {
    contentsOf = key => key.#contents;
    hasContents = (value): value is CryptoKey => #contents in value;
  }
}
exposeInterface(CryptoKey, "CryptoKey");

export interface CryptoKeyPair {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

export function createKey(contents: KeyContents, algorithm: KeyAlgorithm): CryptoKey {
  return new CryptoKey(creating, contents, algorithm);
}

export function isCryptoKey(value: unknown): value is CryptoKey {
  return typeof value === "object" && value !== null && hasContents(value);
}

/** The inside of a key. */
export function openKey(key: CryptoKey): KeyContents {
  return contentsOf(key);
}
