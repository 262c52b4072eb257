/** Hash functions, by their normalised names. */
export type HashName = "MD5" | "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";
/** What a DigestStream can compute: hashes and checksums. */
export type DigestName = HashName | "CRC32" | "CRC32C" | "CRC64NVME";
export type CurveName = "P-256" | "P-384" | "P-521";
export type EdwardsCurveName = "Ed25519" | "X25519";
export type SignatureScheme = "RSASSA-PKCS1-v1_5" | "RSA-PSS" | "ECDSA" | "Ed25519";
/** Which half of a pair some DER is: `public` is SubjectPublicKeyInfo, `private` is PKCS #8. */
export type KeyHalf = "public" | "private";

/** What kind of key some DER holds. */
export interface KeyDescription {
  /** "RSA", the name of a curve, or whatever else the host calls it. */
  readonly kind: string;
  /** Of an RSA key: the bits of its modulus. */
  readonly modulusLength?: number;
  /** Of an RSA key: its public exponent, in hexadecimal. */
  readonly publicExponent?: string;
}

/** The members of a JSON Web Key that hold an asymmetric key's material (RFC 7518 section 6, RFC 8037). */
export type KeyMembers = Readonly<Record<string, string>>;

/**
 * Computations over bytes. A key is handed over with each of them: the host keeps no key for the guest.
 * Failures are errors named as the DOMException that they become, most often "OperationError" and "DataError".
 */
export interface CryptoSyncOps {
  "crypto.random"(size: number): Uint8Array;
  "crypto.digest"(digest: DigestName, data: Uint8Array): Uint8Array;
  /** Begins a digest in parts. Its handle cannot be guessed; the host forgets the least recently used of too many. */
  "crypto.digestOpen"(digest: DigestName): string;
  "crypto.digestUpdate"(handle: string, data: Uint8Array): null;
  /** Ends a digest in parts and lets go of its handle. */
  "crypto.digestClose"(handle: string): Uint8Array;
  /** Lets go of a handle whose digest nobody wants. */
  "crypto.digestDrop"(handle: string): null;
  "crypto.hmac"(hash: HashName, key: Uint8Array, data: Uint8Array): Uint8Array;
  "crypto.aesGcm"(
    direction: "encrypt" | "decrypt",
    key: Uint8Array,
    iv: Uint8Array,
    additionalData: Uint8Array,
    tagBytes: number,
    data: Uint8Array,
  ): Uint8Array;
  "crypto.aesCbc"(
    direction: "encrypt" | "decrypt",
    key: Uint8Array,
    iv: Uint8Array,
    data: Uint8Array,
  ): Uint8Array;
  /** Encrypts or decrypts; only the last `counterBits` bits of the counter block count, and they wrap around. */
  "crypto.aesCtr"(key: Uint8Array, counter: Uint8Array, counterBits: number, data: Uint8Array): Uint8Array;
  "crypto.aesKw"(direction: "wrap" | "unwrap", key: Uint8Array, data: Uint8Array): Uint8Array;
  "crypto.sign"(
    scheme: SignatureScheme,
    hash: HashName | null,
    saltLength: number,
    privateKey: Uint8Array,
    data: Uint8Array,
  ): Uint8Array;
  "crypto.verify"(
    scheme: SignatureScheme,
    hash: HashName | null,
    saltLength: number,
    publicKey: Uint8Array,
    signature: Uint8Array,
    data: Uint8Array,
  ): boolean;
  /** Encrypts with a public key, or decrypts with a private one. */
  "crypto.rsaOaep"(
    direction: "encrypt" | "decrypt",
    hash: HashName,
    key: Uint8Array,
    label: Uint8Array,
    data: Uint8Array,
  ): Uint8Array;
  /** The bare RSA private operation, with no padding. */
  "crypto.rsaRaw"(privateKey: Uint8Array, data: Uint8Array): Uint8Array;
  "crypto.hkdf"(
    hash: HashName,
    key: Uint8Array,
    salt: Uint8Array,
    info: Uint8Array,
    length: number,
  ): Uint8Array;
  /** The secret that a private and another's public key have in common (ECDH, X25519). */
  "crypto.agree"(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
  /** A new private key on a curve. */
  "crypto.generateOnCurve"(curve: CurveName | EdwardsCurveName): Uint8Array;
  /** The public half of a private key. */
  "crypto.publicHalf"(privateKey: Uint8Array): Uint8Array;
  /** DER from outside, checked and in its canonical form. */
  "crypto.importDer"(half: KeyHalf, der: Uint8Array): Uint8Array;
  "crypto.importRsa"(members: KeyMembers): Uint8Array;
  "crypto.importOnCurve"(curve: CurveName | EdwardsCurveName, members: KeyMembers): Uint8Array;
  /** A public key from a point, compressed or not, of a curve. */
  "crypto.importPoint"(curve: CurveName, point: Uint8Array): Uint8Array;
  "crypto.exportMembers"(half: KeyHalf, der: Uint8Array): KeyMembers;
  "crypto.describe"(half: KeyHalf, der: Uint8Array): KeyDescription;
}

/** Computations that take long: the host gives them to its thread pool, a few at a time. */
export interface CryptoAsyncOps {
  "crypto.pbkdf2"(
    hash: HashName,
    password: Uint8Array,
    salt: Uint8Array,
    iterations: number,
    length: number,
  ): Uint8Array;
  /** A new private key. */
  "crypto.generateRsa"(modulusLength: number, publicExponent: number): Uint8Array;
}
