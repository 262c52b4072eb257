/** What the room allows itself. */
export const webSocketLimits = {
  /** The largest message that a peer may send, as on workerd; a larger one ends the connection with 1009. */
  messageBytes: 32 * 1024 * 1024,
  /** What may wait on the host for the guest before the peer has to. */
  waitingBytes: 1024 * 1024,
  waitingMessages: 256,
  /** What the guest may have sent and the network not yet taken; what exceeds it waits in the guest. */
  unsentBytes: 1024 * 1024,
  /** How long a peer may take to answer the close frame of a worker that has ended. */
  farewellMilliseconds: 1000,
};
