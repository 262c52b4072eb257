/** Bounds of the cryptography room. */
export const cryptoLimits = {
  /** Digests in parts that may be under way at once in a thread; the least recently used beyond it are forgotten. */
  openDigests: 10_000,
  /** Parsed keys that are kept for the next operation with the same key. */
  parsedKeys: 64,
  /** Key derivations that run at once, and RSA key generations: the host's thread pool, of four, has other work too. */
  derivationsAtOnce: 2,
  generationsAtOnce: 1,
  /** The longest secret that one operation makes, of random or derived bytes. */
  secretBytes: 16 * 1024 * 1024,
  /** Hash blocks that one PBKDF2 may compute in all: some seconds of work. */
  pbkdf2Blocks: 10_000_000,
  /** RSA keys up to this size may be imported without their prime factors, which are then computed. */
  factorisedModulusBits: 4096,
} as const;
