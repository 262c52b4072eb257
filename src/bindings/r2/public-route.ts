/** Objects for everybody on this machine: what a bucket's public URL is on Cloudflare. Reads only. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { sendText } from "../../send-text.ts";
import { systemClock } from "../../storage/clock.ts";
import type { LocalRoute, RouteContext } from "../local-route.ts";
import { allowOrigin, bucketNamed, type NamedBucket, preflightHeaders } from "./buckets.ts";
import { R2Error } from "./errors.ts";
import {
  discard,
  findObject,
  MalformedHeader,
  objectHeaders,
  rangeOf,
  refusalStatus,
  sendObject,
} from "./http-object.ts";
import { authenticate } from "./s3/authenticate.ts";
import { S3Error } from "./s3/error.ts";
import { S3Request } from "./s3/request.ts";
import { PUBLIC_PREFIX } from "./urls.ts";

export const publicRoute: LocalRoute = {
  prefix: PUBLIC_PREFIX,
  async serve(message, response, _url, context) {
    const origin = message.headers.origin;
    try {
      if (message.method === "OPTIONS") {
        const requested = message.headers["access-control-request-headers"];
        response.writeHead(204, preflightHeaders(origin, requested, "GET, HEAD")).end();
        return;
      }
      await serveObject(message, response, context);
    } catch (error) {
      const [status, text] = refusalOf(error);
      sendText(response, status, `${text}\n`, allowOrigin(origin));
    }
  },
};

async function serveObject(
  message: IncomingMessage,
  response: ServerResponse,
  context: RouteContext,
): Promise<void> {
  const request = new S3Request(message, PUBLIC_PREFIX.slice(0, -1));
  const found = bucketNamed(context, request.bucket);
  if (found === undefined || request.key === "") throw new R2Error("NoSuchKey", "There is no such bucket.");
  if (message.method !== "GET" && message.method !== "HEAD") {
    throw new S3Error(405, "MethodNotAllowed", "Objects are read here, and written at the S3 endpoint.");
  }
  checkSignature(request, found);
  const { headers } = message;
  const object = await findObject(found.bucket, request.key, headers, { range: rangeOf(headers.range) });
  if (object === null) throw new R2Error("NoSuchKey");
  const { head, slice } = object.entry;
  const all = { ...objectHeaders(head), ...allowOrigin(headers.origin) };
  if (slice !== null) {
    await sendObject(message, response, object, all);
    return;
  }
  discard(object.entry);
  const status = refusalStatus(headers, head);
  if (status === 412) throw new R2Error("PreconditionFailed");
  response.writeHead(304, all).end();
}

/** A signed URL is held to its signature and its time, though the object can be had without. */
function checkSignature(request: S3Request, { credentials }: NamedBucket): void {
  if (!request.has("X-Amz-Signature")) return;
  authenticate(request, credentials, systemClock.now());
}

function refusalOf(error: unknown): readonly [status: number, text: string] {
  if (error instanceof R2Error) return [error.s3.status, error.message];
  if (error instanceof S3Error) return [error.status, error.message];
  if (error instanceof MalformedHeader) return [400, error.message];
  throw error;
}
