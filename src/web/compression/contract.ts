/** The formats of the Compression standard (https://compression.spec.whatwg.org/#supported-formats). */
export type CompressionFormat = "brotli" | "deflate" | "deflate-raw" | "gzip";

export interface CompressionNotices {
  /**
   * Makes the host's end of a guest's stream compress, or decompress. The handle is a new one of the guest's: it
   * writes to it by `stream.write` and `stream.close`, and reads the result from it by `stream.read`. Where the input
   * is wrong, both fail with a TypeError.
   */
  "compression.open"(handle: number, format: CompressionFormat, direction: "compress" | "decompress"): void;
}
