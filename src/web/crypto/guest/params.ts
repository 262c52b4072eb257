/** Algorithm parameters, read off what a script passed (https://w3c.github.io/webcrypto/#algorithm-dictionary). */
import { wrongField } from "../../../guest/type-errors.ts";
import { DOMString, unrestrictedDouble } from "../../../guest/webidl.ts";
import type { HashName } from "../contract.ts";
import { type Bytes, takeBytes } from "./bytes.ts";
import { notSupported } from "./errors.ts";
import { type CryptoKey, isCryptoKey } from "./key.ts";

type FieldReader<T> = (value: unknown, field: string, dictionary: string) => T;

const bytes: FieldReader<Bytes> = (value, field, dictionary) => {
  const found = takeBytes(value);
  if (found === undefined) throw wrongField(field, dictionary, "BufferSource");
  return found;
};

const LONG = 2 ** 31;

/** A `long`; numbers out of its range are refused, and what is no number is zero. */
export const long = (value: unknown): number => {
  const number = Math.trunc(unrestrictedDouble(value)) || 0;
  if (number >= -LONG && number < LONG) return number;
  throw new TypeError(`Value out of range. Must be between ${-LONG} and ${LONG - 1} (inclusive).`);
};

const text: FieldReader<string> = value => DOMString(value);

const key: FieldReader<CryptoKey> = (value, field, dictionary) => {
  if (!isCryptoKey(value)) throw wrongField(field, dictionary, "CryptoKey");
  return value;
};

/** The name of a hash, given as a string or as an object that has it. */
const hash: FieldReader<string> = (value, field, dictionary) => {
  if (value === null) throw wrongField(field, dictionary, "string or HashAlgorithm");
  return DOMString(typeof value === "object" ? (value as { name?: unknown }).name : value);
};

type Read<F> = { readonly name: string } & {
  readonly [K in keyof F]?: F[K] extends FieldReader<infer T> ? T : never;
};

/** A reader of one kind of algorithm dictionary. `where`: `Failed to execute 'sign' on 'SubtleCrypto': parameter 1`. */
function dictionary<F extends Record<string, FieldReader<unknown>>>(
  title: string,
  fields: F,
): (value: unknown, where: string) => Read<F> {
  const entries = Object.entries(fields);
  return (value, where) => {
    if (value === undefined || value === null) {
      throw new TypeError(`${where} is not of type 'string or ${title}'.`);
    }
    if (typeof value !== "object" && typeof value !== "function") {
      return { name: DOMString(value, where) } as Read<F>;
    }
    const source = value as Record<string, unknown>;
    const result: Record<string, unknown> = { name: DOMString(source["name"], where) };
    for (const [field, read] of entries) {
      const given = source[field];
      if (given !== undefined) result[field] = read(given, field, title);
    }
    return result as Read<F>;
  };
}

export const hashAlgorithm = dictionary("HashAlgorithm", {});
export const encryptAlgorithm = dictionary("EncryptAlgorithm", {
  iv: bytes,
  additionalData: bytes,
  tagLength: long,
  counter: bytes,
  length: long,
  label: bytes,
});
export const signAlgorithm = dictionary("SignAlgorithm", { hash, saltLength: long });
export const generateAlgorithm = dictionary("GenerateKeyAlgorithm", {
  hash,
  modulusLength: long,
  publicExponent: bytes,
  length: long,
  namedCurve: text,
});
export const importAlgorithm = dictionary("ImportKeyAlgorithm", { hash, length: long, namedCurve: text });
export const deriveAlgorithm = dictionary("DeriveKeyAlgorithm", {
  salt: bytes,
  iterations: long,
  hash,
  public: key,
  info: bytes,
});

export type EncryptParams = ReturnType<typeof encryptAlgorithm>;
export type SignParams = ReturnType<typeof signAlgorithm>;
export type GenerateParams = ReturnType<typeof generateAlgorithm>;
export type ImportParams = ReturnType<typeof importAlgorithm>;
export type DeriveParams = ReturnType<typeof deriveAlgorithm>;

/** A parameter that the algorithm cannot do without. */
export function required<T>(value: T | undefined, field: string, of = "algorithm"): T {
  if (value === undefined) throw new TypeError(`Missing field "${field}" in "${of}".`);
  return value;
}

const hashes: readonly HashName[] = ["SHA-256", "SHA-1", "SHA-384", "SHA-512", "MD5"];

/** A hash by its name, whatever its case. */
export function lookUpHash(name: string): HashName {
  const normalized = name.toUpperCase() as HashName;
  if (!hashes.includes(normalized)) {
    throw notSupported("Unrecognized or unimplemented digest algorithm requested.");
  }
  return normalized;
}

/** The size in bytes of the blocks that a hash works on. */
export function hashBlockBytes(hash: HashName): number {
  return hash === "SHA-384" || hash === "SHA-512" ? 128 : 64;
}

/** The size in bytes of a hash. */
export function hashBytes(hash: HashName): number {
  if (hash === "MD5") return 16;
  return hash === "SHA-1" ? 20 : Number(hash.slice(4)) / 8;
}
