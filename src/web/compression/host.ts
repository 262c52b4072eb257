/** Compression on the host: zlib's streams, on its own threads. */
import type { Duplex, DuplexOptions } from "node:stream";
import zlib from "node:zlib";
import type { HostOps } from "../../engine/ops.ts";
import type { CompressionFormat, CompressionNotices } from "./contract.ts";
import { Decompressor } from "./decompressor.ts";
import { compressionLimits } from "./limits.ts";

/** zlib's streams take the options of other streams too. */
type Options = zlib.ZlibOptions & zlib.BrotliOptions & DuplexOptions;

const compressors: Readonly<Record<CompressionFormat, (options: Options) => Duplex>> = {
  brotli: options => zlib.createBrotliCompress(options),
  deflate: options => zlib.createDeflate(options),
  "deflate-raw": options => zlib.createDeflateRaw(options),
  gzip: options => zlib.createGzip(options),
};

function open(format: CompressionFormat, direction: "compress" | "decompress"): Duplex {
  if (!Object.hasOwn(compressors, format)) throw new TypeError(`"${format}" is not a compression format.`);
  if (direction === "decompress") return new Decompressor(format);
  return compressors[format]({ highWaterMark: compressionLimits.waitingBytes });
}

export const compressionNotices: HostOps<CompressionNotices> = {
  "compression.open": (context, handle, format, direction) => {
    context.streams.adopt(handle, open(format, direction));
  },
};
