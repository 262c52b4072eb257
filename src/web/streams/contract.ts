/**
 * Byte streams across the boundary, in both directions, with backpressure.
 *
 * A stream that crosses is a number, its handle. A positive handle names a stream of the host's, which the guest
 * reads by `stream.read`. A negative one names a stream of the guest's, chosen by the guest, which it writes chunk
 * by chunk by `stream.write`; the host makes its end at the first mention. A guest that passes a host's stream on
 * untouched sends its positive handle back, and the bytes never enter the guest.
 */
export interface StreamAsyncOps {
  /** The next bytes of a host's stream, at most `maximum`; null at its end. Rejects when the stream fails. */
  "stream.read"(handle: number, maximum: number): Uint8Array | null;
  /** Hands a chunk to the host. Answers when the host wants more; rejects when nobody reads any longer. */
  "stream.write"(handle: number, chunk: Uint8Array): null;
  /** Ends a guest's stream. Answers when all of it was taken. */
  "stream.close"(handle: number): null;
}

export interface StreamNotices {
  /** The guest will read no more of a host's stream. */
  "stream.cancel"(handle: number): void;
  /** The guest's stream failed; the host's reader sees an error with this message. */
  "stream.abort"(handle: number, message: string): void;
}
