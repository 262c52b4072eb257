/** The S3 API of the worker's buckets (https://developers.cloudflare.com/r2/api/s3/api/), by path: `<prefix>/<bucket>/<key>`. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { sendText } from "../../../send-text.ts";
import { systemClock } from "../../../storage/clock.ts";
import type { LocalRoute, RouteContext } from "../../local-route.ts";
import { allowOrigin, bucketsOf, preflightHeaders } from "../buckets.ts";
import { R2Error } from "../errors.ts";
import { MalformedHeader } from "../http-object.ts";
import { S3_PREFIX } from "../urls.ts";
import { authenticate } from "./authenticate.ts";
import { S3Error } from "./error.ts";
import { listBuckets } from "./listing.ts";
import { refuseUnknownHeaders } from "./metadata.ts";
import { operationFor } from "./operations.ts";
import { payloadOf } from "./payload.ts";
import { S3Request } from "./request.ts";
import { errorXml } from "./xml.ts";

const METHODS = "GET, HEAD, PUT, POST, DELETE";

export const s3Route: LocalRoute = {
  prefix: S3_PREFIX,
  async serve(message, response, _url, context) {
    const { origin } = message.headers;
    const headers = { "x-amz-request-id": randomUUID(), ...allowOrigin(origin) };
    if (message.method === "OPTIONS") {
      const requested = message.headers["access-control-request-headers"];
      response.writeHead(204, preflightHeaders(origin, requested, METHODS)).end();
      return;
    }
    try {
      await serveRequest(new S3Request(message, S3_PREFIX), response, headers, context);
    } catch (error) {
      sendError(response, headers, message, refusalOf(error, message) ?? failure(error as Error, context));
    }
  },
};

async function serveRequest(
  request: S3Request,
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  context: RouteContext,
): Promise<void> {
  if (!/^(?:\/|$)/.test(request.path.slice(S3_PREFIX.length)))
    throw new S3Error(404, "NotFound", "There is nothing here.");
  const all = bucketsOf(context);
  const target = all.find(({ name }) => name === request.bucket);
  // Who does not say who it is learns nothing of which buckets there are.
  const keyring = (target === undefined ? all : [target]).flatMap(({ credentials }) => credentials);
  const authentication = authenticate(request, keyring, systemClock.now());
  refuseUnknownHeaders(request);
  const accessKeyId = accessKeyOf(request);
  const buckets = all.filter(({ credentials }) =>
    credentials.some(candidate => candidate.accessKeyId === accessKeyId),
  );
  const call = { request, response, headers, buckets, payload: () => payloadOf(request, authentication) };
  if (request.bucket === "") {
    if (request.method !== "GET") throw new S3Error(405, "MethodNotAllowed", "Buckets are listed with GET.");
    listBuckets(call);
    return;
  }
  if (target === undefined) {
    const named = all.map(({ name }) => name).join(", ") || "none";
    const hint = `The specified bucket does not exist. Buckets are those of r2_buckets in the worker's configuration: ${named}.`;
    throw new S3Error(404, "NoSuchBucket", hint);
  }
  await operationFor(request)({ ...call, target });
}

function accessKeyOf(request: S3Request): string {
  const { authorization } = request.message.headers;
  const credential =
    authorization === undefined
      ? request.parameter("X-Amz-Credential")
      : /Credential=([^,\s]+)/.exec(authorization)?.[1];
  return (credential ?? "").split("/").slice(0, -4).join("/");
}

/** What a request was refused for; undefined where it was not to blame. */
function refusalOf(error: unknown, message: IncomingMessage): S3Error | undefined {
  if (error instanceof S3Error) return error;
  if (error instanceof R2Error) return new S3Error(error.s3.status, error.s3.code, error.message);
  if (error instanceof MalformedHeader) return new S3Error(400, "InvalidArgument", error.message);
  const isGone = message.destroyed && !message.complete;
  return isGone
    ? new S3Error(400, "ClientDisconnect", "The client went away in the middle of its body.")
    : undefined;
}

function failure(error: Error, { reportFailure }: RouteContext): S3Error {
  reportFailure(error);
  return new S3Error(500, "InternalError", "We encountered an internal error. Please try again.");
}

function sendError(
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  message: { readonly method?: string | undefined },
  { status, code, message: text, details }: S3Error,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const typed = { ...headers, "Content-Type": "application/xml" };
  if (message.method === "HEAD" || status === 304) {
    response.writeHead(status, typed).end();
    return;
  }
  const body = errorXml({ Code: code, Message: text, ...details, RequestId: headers["x-amz-request-id"] });
  sendText(response, status, body, typed);
}
