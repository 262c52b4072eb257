import { isUtf8 } from "node:buffer";
import { Readable } from "node:stream";
import type { StreamTable } from "../streams/host.ts";
import type { WireBody } from "./contract.ts";

/**
 * A body of the host's as it goes to the guest. Text goes as text, which spares the guest the decoding; that it is UTF-8
 * tells that nothing of it is lost.
 */
export function wireBody(body: Uint8Array | Readable | null, streams: Pick<StreamTable, "give">): WireBody {
  if (body === null) return null;
  if (body instanceof Readable) return streams.give(body);
  return isUtf8(body) ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8") : body;
}
