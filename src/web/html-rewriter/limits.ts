/** What one rewriter may hold, as workerd limits it: 3 MiB, of which these are the shares. */
export const LIMITS = {
  /** Bytes of a tag, comment or doctype that is not complete yet. */
  pendingBytes: 3 * 1024 * 1024,
  openElements: 16_384,
  attributesPerTag: 32_768,
  /** Larger chunks are rewritten piece by piece. */
  chunkBytes: 1024 * 1024,
  /** Names of tags and of attributes that are remembered each. */
  knownNames: 1024,
} as const;
