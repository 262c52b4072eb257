/** Encodes response bodies by their Content-Encoding, as workerd does where `encodeBody` is "automatic". */
import { constants, createBrotliCompress, createGzip } from "node:zlib";

type Encoder = NodeJS.ReadWriteStream;

const FLUSH_EACH_WRITE = { flush: constants.Z_SYNC_FLUSH };

/** Makes the encoder for a Content-Encoding; undefined where the body passes as it is. */
export function encoderFor(contentEncoding: string): (() => Encoder) | undefined {
  switch (contentEncoding.trim().toLowerCase()) {
    case "gzip":
      return () => createGzip(FLUSH_EACH_WRITE);
    case "br":
      return () => createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH });
    default:
      return undefined;
  }
}
