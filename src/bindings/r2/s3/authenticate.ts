/** Who may use the S3 endpoint: the holder of a bucket's credentials, by a signed request or by a presigned URL. */
import { timingSafeEqual } from "node:crypto";
import { r2Limits } from "../limits.ts";
import { invalidArgument, invalidRequest, S3Error } from "./error.ts";
import type { S3Request } from "./request.ts";
import {
  ALGORITHM,
  canonicalText,
  parseAmzDate,
  type S3Credentials,
  type Scope,
  scopeText,
  sha256,
  signatureOf,
  signingKey,
  UNSIGNED_PAYLOAD,
} from "./sigv4.ts";

const MAX_SKEW_MS = 15 * 60 * 1000;

/** What a request was found to be signed with. A body that is sent in signed chunks continues from here. */
export interface Authentication {
  /** The hash of the body, or how it is sent. */
  readonly payloadHash: string;
  readonly signature: string;
  readonly key: Buffer;
  readonly date: string;
  readonly scope: Scope;
}

interface Claim {
  readonly credential: string;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly date: string;
  readonly payloadHash: string;
}

/** Checks a request's signature. Throws an S3Error for one that is not signed, or not with one of the credentials. */
export function authenticate(
  request: S3Request,
  credentials: readonly S3Credentials[],
  now: number,
): Authentication {
  const header = request.message.headers.authorization;
  if (header !== undefined) return verify(request, claimOfHeader(request, header, now), credentials, false);
  if (!request.has("X-Amz-Credential") && !request.has("X-Amz-Signature")) {
    throw invalidArgument("Authorization");
  }
  return verify(request, claimOfQuery(request, now), credentials, true);
}

function claimOfHeader(request: S3Request, header: string, now: number): Claim {
  const payloadHash = request.header("x-amz-content-sha256");
  if (payloadHash === undefined) throw invalidRequest("Missing x-amz-content-sha256");
  const date = request.header("x-amz-date");
  if (date === undefined) throw invalidArgument("No date provided in x-amz-date nor date header");
  if (!(Math.abs(now - timeOf(date, "'x-amz-date' header")) <= MAX_SKEW_MS)) {
    throw new S3Error(
      403,
      "RequestTimeTooSkewed",
      "The difference between the request time and the server's time is too large.",
    );
  }
  const [algorithm, ...rest] = header.trim().split(/\s+/);
  const fields = new Map(
    rest
      .join("")
      .split(",")
      .map(field => field.split(/=(.*)/s) as [string, string]),
  );
  const [credential, signedHeaders, signature] = ["Credential", "SignedHeaders", "Signature"].map(name =>
    fields.get(name),
  );
  if (
    algorithm !== ALGORITHM ||
    credential === undefined ||
    signedHeaders === undefined ||
    signature === undefined
  ) {
    throw invalidRequest(`Please use ${ALGORITHM}`);
  }
  return { credential, signedHeaders, signature, date, payloadHash };
}

function claimOfQuery(request: S3Request, now: number): Claim {
  const take = (name: string): string => {
    const value = request.parameter(name);
    if (value === undefined) throw invalidArgument(`Required search parameter ${name} missing`);
    return value;
  };
  if (take("X-Amz-Algorithm") !== ALGORITHM) throw invalidRequest(`Please use ${ALGORITHM}`);
  const date = take("X-Amz-Date");
  const expires = take("X-Amz-Expires");
  const claim: Claim = {
    credential: take("X-Amz-Credential"),
    signedHeaders: take("X-Amz-SignedHeaders"),
    signature: take("X-Amz-Signature"),
    date,
    payloadHash: request.parameter("X-Amz-Content-Sha256") ?? UNSIGNED_PAYLOAD,
  };
  const seconds = /^\d+$/.test(expires) ? Number(expires) : Number.NaN;
  if (Number.isNaN(seconds)) throw invalidArgument("X-Amz-Expires should be a number");
  if (seconds > r2Limits.signedUrlSeconds) {
    throw invalidArgument(
      `X-Amz-Expires must be at most ${r2Limits.signedUrlSeconds} seconds, which is a week`,
    );
  }
  const start = timeOf(date, "X-Amz-Date");
  if (start - now > MAX_SKEW_MS || now > start + seconds * 1000) {
    throw new S3Error(403, "ExpiredRequest", "Request has expired");
  }
  return claim;
}

function timeOf(date: string, source: string): number {
  const time = parseAmzDate(date);
  if (!Number.isNaN(time)) return time;
  throw invalidArgument(`Date provided in ${source} (${date}) didn't parse successfully`);
}

function verify(
  request: S3Request,
  claim: Claim,
  credentials: readonly S3Credentials[],
  presigned: boolean,
): Authentication {
  const { date, payloadHash } = claim;
  const { accessKeyId, scope } = parseCredential(claim.credential, date);
  const held = credentials.find(candidate => candidate.accessKeyId === accessKeyId);
  const names = claim.signedHeaders.split(";");
  if (held === undefined || !names.includes("host")) throw new S3Error(401, "Unauthorized", "Unauthorized");
  const canonical = canonicalText({
    method: request.method,
    path: request.path,
    query: request.query.filter(([name]) => !presigned || name !== "X-Amz-Signature"),
    headers: names.map(name => [name, request.rawHeader(name)]),
    payloadHash,
  });
  const key = signingKey(held.secretAccessKey, scope);
  const signature = signatureOf(key, date, scope, canonical);
  if (!sameText(signature, claim.signature)) {
    throw new S3Error(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your secret access key and signing method.",
      {
        StringToSign: [ALGORITHM, date, scopeText(scope), sha256(canonical)].join("\n"),
        CanonicalRequest: canonical,
        SignatureProvided: claim.signature,
      },
    );
  }
  return { payloadHash, signature, key, date, scope };
}

/** `<access key id>/<day>/<region>/s3/aws4_request` */
function parseCredential(credential: string, date: string): { accessKeyId: string; scope: Scope } {
  const parts = credential.split("/");
  const [day = "", region = "", service, end] = parts.slice(-4);
  if (parts.length < 5) {
    throw invalidArgument(
      `Credential sigv4 header should have at least 5 slash-separated parts, not ${parts.length}`,
    );
  }
  if (service !== "s3") throw invalidArgument(`Credential service should be s3, not ${service}`);
  if (end !== "aws4_request")
    throw invalidArgument(`Credential termination string should be aws4_request, not ${end}`);
  if (!date.startsWith(day)) {
    throw invalidArgument(
      `Credential signed date ${day} does not match ${date.slice(0, 8)} from 'x-amz-date' header`,
    );
  }
  return { accessKeyId: parts.slice(0, -4).join("/"), scope: { day, region } };
}

export function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
