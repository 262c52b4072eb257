/** SubtleCrypto (https://w3c.github.io/webcrypto/#subtlecrypto-interface). */
import { JSONParse, JSONStringify } from "../../../guest/primordials.ts";
import { DOMString, exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";
import { utf8Decode, utf8Encode } from "../../encoding/guest/utf8.ts";
import { type Bytes, takeBytes, timingSafeEqual } from "./bytes.ts";
import { dataError, notSupported, unimplemented } from "./errors.ts";
import { digest } from "./hashing.ts";
import { type JsonWebKey, readJwk } from "./jwk.ts";
import { type CryptoKey, type CryptoKeyPair, isCryptoKey, openKey } from "./key.ts";
import { algorithmFor, derivedKeyLength, exportKey, importKey, readKeyData } from "./keys.ts";
import {
  deriveAlgorithm,
  encryptAlgorithm,
  generateAlgorithm,
  hashAlgorithm,
  importAlgorithm,
  long,
  lookUpHash,
  signAlgorithm,
} from "./params.ts";
import { findAlgorithm } from "./registry.ts";

const creating = Symbol();

const parameter = (method: string, index: number): string =>
  `Failed to execute '${method}' on 'SubtleCrypto': parameter ${index}`;

/** Of the methods that are called often: making these anew would be felt. */
const SIGN_ALGORITHM = parameter("sign", 1);
const VERIFY_ALGORITHM = parameter("verify", 1);
const DIGEST_ALGORITHM = parameter("digest", 1);

function mismatch(method: string, index: number, type: string): TypeError {
  return new TypeError(`${parameter(method, index)} is not of type '${type}'.`);
}

function toBytes(value: unknown, method: string, index: number): Bytes {
  const bytes = takeBytes(value);
  if (bytes === undefined) throw mismatch(method, index, "BufferSource");
  return bytes;
}

function toKey(value: unknown, method: string, index: number): CryptoKey {
  if (!isCryptoKey(value)) throw mismatch(method, index, "CryptoKey");
  return value;
}

function toText(value: unknown, method: string, index: number): string {
  if (value === undefined) throw mismatch(method, index, "string");
  return DOMString(value);
}

function toBoolean(value: unknown, method: string, index: number): boolean {
  if (value === undefined) throw mismatch(method, index, "boolean");
  return Boolean(value);
}

function toUsages(value: unknown, method: string, index: number): string[] {
  if (!Array.isArray(value)) throw mismatch(method, index, "Array");
  return value.map(usage => DOMString(usage));
}

/** The buffer of bytes that nobody else has. */
function toBuffer(bytes: Bytes): ArrayBuffer {
  const { buffer, byteLength } = bytes;
  return buffer.byteLength === byteLength && buffer instanceof ArrayBuffer ? buffer : bytes.slice().buffer;
}

/** Each method converts its arguments, in order, before it does anything; whatever fails rejects its promise. */
export class SubtleCrypto {
  constructor(...token: unknown[]) {
    if (token[0] !== creating) throw illegalConstructor();
  }

  async encrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    if (this !== subtle) throw illegalInvocation();
    const params = encryptAlgorithm(algorithm, parameter("encrypt", 1));
    const by = toKey(key, "encrypt", 2);
    const plain = toBytes(data, "encrypt", 3);
    const { encrypt } = algorithmFor(by, params.name, "encrypt");
    if (encrypt === undefined) throw unimplemented("encrypt", params.name);
    return toBuffer(encrypt(params, openKey(by), plain));
  }

  async decrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    if (this !== subtle) throw illegalInvocation();
    const params = encryptAlgorithm(algorithm, parameter("decrypt", 1));
    const by = toKey(key, "decrypt", 2);
    const cipherText = toBytes(data, "decrypt", 3);
    const { decrypt } = algorithmFor(by, params.name, "decrypt");
    if (decrypt === undefined) throw unimplemented("decrypt", params.name);
    return toBuffer(decrypt(params, openKey(by), cipherText));
  }

  async sign(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    if (this !== subtle) throw illegalInvocation();
    const params = signAlgorithm(algorithm, SIGN_ALGORITHM);
    const by = toKey(key, "sign", 2);
    const message = toBytes(data, "sign", 3);
    const { sign } = algorithmFor(by, params.name, "sign");
    if (sign === undefined) throw unimplemented("sign", params.name);
    return toBuffer(sign(params, openKey(by), message));
  }

  async verify(algorithm: unknown, key: unknown, signature: unknown, data: unknown): Promise<boolean> {
    if (this !== subtle) throw illegalInvocation();
    const params = signAlgorithm(algorithm, VERIFY_ALGORITHM);
    const by = toKey(key, "verify", 2);
    const given = toBytes(signature, "verify", 3);
    const message = toBytes(data, "verify", 4);
    const { verify } = algorithmFor(by, params.name, "verify");
    if (verify === undefined) throw unimplemented("verify", params.name);
    return verify(params, openKey(by), given, message);
  }

  async digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
    if (this !== subtle) throw illegalInvocation();
    const { name } = hashAlgorithm(algorithm, DIGEST_ALGORITHM);
    const message = toBytes(data, "digest", 2);
    return toBuffer(digest(lookUpHash(name), message));
  }

  async generateKey(
    algorithm: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<CryptoKey | CryptoKeyPair> {
    if (this !== subtle) throw illegalInvocation();
    const params = generateAlgorithm(algorithm, parameter("generateKey", 1));
    const isExtractable = toBoolean(extractable, "generateKey", 2);
    const usages = toUsages(keyUsages, "generateKey", 3);
    const generate = findAlgorithm(params.name)?.generate;
    if (generate === undefined) {
      throw notSupported(`Unrecognized key generation algorithm "${params.name}" requested.`);
    }
    return generate(params, isExtractable, usages);
  }

  async deriveKey(
    algorithm: unknown,
    baseKey: unknown,
    derivedKeyType: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<CryptoKey> {
    if (this !== subtle) throw illegalInvocation();
    const params = deriveAlgorithm(algorithm, parameter("deriveKey", 1));
    const from = toKey(baseKey, "deriveKey", 2);
    const derived = importAlgorithm(derivedKeyType, parameter("deriveKey", 3));
    const isExtractable = toBoolean(extractable, "deriveKey", 4);
    const usages = toUsages(keyUsages, "deriveKey", 5);
    const { deriveBits } = algorithmFor(from, params.name, "deriveKey");
    if (deriveBits === undefined) throw unimplemented("deriveKey", params.name);
    const secret = await deriveBits(params, from, derivedKeyLength(derived));
    return importKey("raw", secret, derived, isExtractable, usages);
  }

  async deriveBits(algorithm: unknown, baseKey: unknown, length: unknown = null): Promise<ArrayBuffer> {
    if (this !== subtle) throw illegalInvocation();
    const params = deriveAlgorithm(algorithm, parameter("deriveBits", 1));
    const from = toKey(baseKey, "deriveBits", 2);
    const bits = length === null ? null : long(length);
    if (bits !== null && bits < 0) throw new TypeError("deriveBits length must be an unsigned long integer.");
    const { deriveBits } = algorithmFor(from, params.name, "deriveBits");
    if (deriveBits === undefined) throw unimplemented("deriveBits", params.name);
    return toBuffer(await deriveBits(params, from, bits));
  }

  async importKey(
    format: unknown,
    keyData: unknown,
    algorithm: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<CryptoKey> {
    if (this !== subtle) throw illegalInvocation();
    const formatName = toText(format, "importKey", 1);
    const data = readKeyData(keyData, parameter("importKey", 2));
    const params = importAlgorithm(algorithm, parameter("importKey", 3));
    const isExtractable = toBoolean(extractable, "importKey", 4);
    return importKey(formatName, data, params, isExtractable, toUsages(keyUsages, "importKey", 5));
  }

  async exportKey(format: unknown, key: unknown): Promise<ArrayBuffer | JsonWebKey> {
    if (this !== subtle) throw illegalInvocation();
    const formatName = toText(format, "exportKey", 1);
    const exported = exportKey(formatName, toKey(key, "exportKey", 2));
    return exported instanceof Uint8Array ? toBuffer(exported) : exported;
  }

  async wrapKey(
    format: unknown,
    key: unknown,
    wrappingKey: unknown,
    wrapAlgorithm: unknown,
  ): Promise<ArrayBuffer> {
    if (this !== subtle) throw illegalInvocation();
    const formatName = toText(format, "wrapKey", 1);
    const inner = toKey(key, "wrapKey", 2);
    const by = toKey(wrappingKey, "wrapKey", 3);
    const params = encryptAlgorithm(wrapAlgorithm, parameter("wrapKey", 4));
    const { wrap, encrypt } = algorithmFor(by, params.name, "wrapKey");
    const exported = exportKey(formatName, inner);
    const bytes = exported instanceof Uint8Array ? exported : utf8Encode(JSONStringify(exported));
    if (wrap !== undefined) return toBuffer(wrap(openKey(by), bytes));
    if (encrypt === undefined) throw unimplemented("wrapKey", params.name);
    return toBuffer(encrypt(params, openKey(by), bytes));
  }

  async unwrapKey(
    format: unknown,
    wrappedKey: unknown,
    unwrappingKey: unknown,
    unwrapAlgorithm: unknown,
    unwrappedKeyAlgorithm: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<CryptoKey> {
    if (this !== subtle) throw illegalInvocation();
    const formatName = toText(format, "unwrapKey", 1);
    const wrapped = toBytes(wrappedKey, "unwrapKey", 2);
    const by = toKey(unwrappingKey, "unwrapKey", 3);
    const params = encryptAlgorithm(unwrapAlgorithm, parameter("unwrapKey", 4));
    const inner = importAlgorithm(unwrappedKeyAlgorithm, parameter("unwrapKey", 5));
    const isExtractable = toBoolean(extractable, "unwrapKey", 6);
    const usages = toUsages(keyUsages, "unwrapKey", 7);
    const { unwrap, decrypt } = algorithmFor(by, params.name, "unwrapKey");
    if (unwrap === undefined && decrypt === undefined) throw unimplemented("unwrapKey", params.name);
    const bytes = unwrap?.(openKey(by), wrapped) ?? decrypt!(params, openKey(by), wrapped);
    return importKey(
      formatName,
      formatName === "jwk" ? parseJwk(bytes) : bytes,
      inner,
      isExtractable,
      usages,
    );
  }

  /** Compares bytes in constant time; not in the standard. */
  timingSafeEqual(a: unknown, b: unknown): boolean {
    if (this !== subtle) throw illegalInvocation();
    const left = toBytes(a, "timingSafeEqual", 1);
    const right = toBytes(b, "timingSafeEqual", 2);
    if (left.length !== right.length) throw new TypeError("Input buffers must have the same byte length.");
    return timingSafeEqual(left, right);
  }
}
exposeInterface(SubtleCrypto, "SubtleCrypto");

function parseJwk(bytes: Bytes): JsonWebKey {
  const parsed: unknown = JSONParse(utf8Decode(bytes));
  if (typeof parsed === "object" && parsed !== null) return readJwk(parsed);
  throw dataError('Missing "kty" field or corrupt JSON unwrapping key?');
}

export const subtle = new SubtleCrypto(creating);
