export const compressionLimits = {
  /** Bytes of output that wait for their reader before the writer is told to wait. */
  waitingBytes: 256 * 1024,
} as const;
