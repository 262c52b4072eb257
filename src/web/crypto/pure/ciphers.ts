/** AES in the modes of Web Cryptography (sections 27 to 30). */
import { createCipheriv, createDecipheriv, timingSafeEqual } from "node:crypto";
import { CryptoFailure, orFail } from "./failure.ts";
import { ghash } from "./ghash.ts";

type Direction = "encrypt" | "decrypt";

const BLOCK = 16;
/** The longest initialisation vector that OpenSSL takes; longer ones are hashed here. */
const LONGEST_IV = 128;
const NO_BYTES = new Uint8Array(0);

const cipherName = (key: Uint8Array, mode: string): string => `aes-${key.length * 8}-${mode}`;

function decryptionFailure(mode: string, input: number, output: number): CryptoFailure {
  return new CryptoFailure(
    "OperationError",
    "Decryption failed. This could be due to a ciphertext authentication failure, bad padding, incorrect " +
      "CryptoKey, or another algorithm-specific reason. " +
      `Input length was ${input}, output length expected to be ${output} for ${mode}`,
  );
}

export function aesGcm(
  direction: Direction,
  key: Uint8Array,
  iv: Uint8Array,
  additionalData: Uint8Array,
  tagBytes: number,
  data: Uint8Array,
): Uint8Array {
  if (iv.length > LONGEST_IV) return aesGcmByHand(direction, key, iv, additionalData, tagBytes, data);
  const options = { authTagLength: tagBytes };
  if (direction === "encrypt") {
    const cipher = createCipheriv(cipherName(key, "gcm") as "aes-128-gcm", key, iv, options);
    cipher.setAAD(additionalData);
    return Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]);
  }
  const length = data.length - tagBytes;
  const decipher = createDecipheriv(cipherName(key, "gcm") as "aes-128-gcm", key, iv, options);
  decipher.setAAD(additionalData);
  decipher.setAuthTag(data.subarray(length));
  const plain = decipher.update(data.subarray(0, length));
  try {
    decipher.final();
  } catch {
    throw decryptionFailure("AES-GCM", length, length);
  }
  return plain;
}

/** GCM (NIST SP 800-38D, section 7) of AES in counter mode and GHASH. */
function aesGcmByHand(
  direction: Direction,
  key: Uint8Array,
  iv: Uint8Array,
  additionalData: Uint8Array,
  tagBytes: number,
  data: Uint8Array,
): Uint8Array {
  const subkey = encryptBlock(key, new Uint8Array(BLOCK));
  const first = ghash(subkey, NO_BYTES, iv);
  const next = first.slice();
  const view = new DataView(next.buffer);
  view.setUint32(12, view.getUint32(12) + 1);
  const length = direction === "encrypt" ? data.length : data.length - tagBytes;
  const output = aesCtr(key, next, 32, data.subarray(0, length));
  const cipherText = direction === "encrypt" ? output : data.subarray(0, length);
  const tag = ghash(subkey, additionalData, cipherText);
  const mask = encryptBlock(key, first);
  for (let index = 0; index < BLOCK; index++) tag[index]! ^= mask[index]!;
  if (direction === "encrypt") return Buffer.concat([output, tag.subarray(0, tagBytes)]);
  if (!timingSafeEqual(tag.subarray(0, tagBytes), data.subarray(length))) {
    throw decryptionFailure("AES-GCM", length, length);
  }
  return output;
}

function encryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  return createCipheriv(cipherName(key, "ecb"), key, null).setAutoPadding(false).update(block);
}

export function aesCbc(direction: Direction, key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  if (direction === "encrypt") {
    const cipher = createCipheriv(cipherName(key, "cbc"), key, iv);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  }
  const decipher = createDecipheriv(cipherName(key, "cbc"), key, iv);
  try {
    return Buffer.concat([decipher.update(data), decipher.final()]);
  } catch {
    const written = Math.max(0, Math.ceil(data.length / BLOCK) - 1) * BLOCK;
    throw decryptionFailure("AES-CBC", data.length, written);
  }
}

/** OpenSSL counts with all 128 bits: where fewer count, the work is cut in two at the point where they wrap. */
export function aesCtr(
  key: Uint8Array,
  counter: Uint8Array,
  counterBits: number,
  data: Uint8Array,
): Uint8Array {
  const blocks = BigInt(Math.ceil(data.length / BLOCK));
  const values = 1n << BigInt(counterBits);
  if (blocks > values) throw new CryptoFailure("OperationError", "Counter block values will repeat.");
  const block = BigInt(`0x${Buffer.from(counter).toString("hex")}`);
  const start = block % values;
  const untilWrap = values - start;
  if (blocks <= untilWrap) return countFrom(key, counter, data);
  const cut = Number(untilWrap) * BLOCK;
  const wrapped = Buffer.from((block - start).toString(16).padStart(BLOCK * 2, "0"), "hex");
  return Buffer.concat([
    countFrom(key, counter, data.subarray(0, cut)),
    countFrom(key, wrapped, data.subarray(cut)),
  ]);
}

function countFrom(key: Uint8Array, counter: Uint8Array, data: Uint8Array): Uint8Array {
  return createCipheriv(cipherName(key, "ctr"), key, counter).update(data);
}

/** AES key wrap (RFC 3394) with its default initial value. */
export function aesKw(direction: "wrap" | "unwrap", key: Uint8Array, data: Uint8Array): Uint8Array {
  const name = `id-aes${key.length * 8}-wrap`;
  const iv = Buffer.alloc(8, 0xa6);
  return orFail("OperationError", `AES-KW key ${direction}ping failed.`, () => {
    const cipher = direction === "wrap" ? createCipheriv(name, key, iv) : createDecipheriv(name, key, iv);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  });
}
