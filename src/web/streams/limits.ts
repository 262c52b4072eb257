/** What the host keeps of streams for one isolate. */
export const streamLimits = {
  /** Bytes of a guest's stream that wait on the host for their reader, before the guest is told to wait. */
  waitingBytes: 256 * 1024,
  /** Bytes of all the guest's streams together that nobody on the host has asked for. */
  unclaimedBytes: 64 * 1024 * 1024,
  /** Streams open at the same time, in both directions. */
  openStreams: 10_000,
} as const;
