/** A legacy decoder between two chunks: small numbers that only the decoder of that encoding understands. */
export type DecoderState = readonly number[];

/** Pure computations that the host does better, or does without an interpreter's cost per character. */
export interface EncodingSyncOps {
  /** The UTF-8 bytes of a string; lone surrogates become U+FFFD. */
  "encoding.utf8Encode"(text: string): Uint8Array;
  /** The text of UTF-8 bytes, a byte order mark kept. A TypeError on a malformed sequence when `fatal`. */
  "encoding.utf8Decode"(bytes: Uint8Array, fatal: boolean): string;
  /** Decodes a chunk of any encoding but UTF-8, going on from `state` (empty at first). `flush` ends the stream. */
  "encoding.decode"(
    encoding: string,
    bytes: Uint8Array,
    state: DecoderState,
    flush: boolean,
    fatal: boolean,
  ): [text: string, state: DecoderState];
  "encoding.base64Encode"(bytes: Uint8Array): string;
  /** Takes text whose code units are bytes. */
  "encoding.base64EncodeLatin1"(text: string): string;
  /** Takes valid base64 without white space. */
  "encoding.base64Decode"(text: string): Uint8Array;
}
