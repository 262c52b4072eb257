/** AWS Signature Version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). */
import { createHash, createHmac } from "node:crypto";

export const ALGORITHM = "AWS4-HMAC-SHA256";
export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a signature is for: a day, a region and a service. */
export interface Scope {
  /** YYYYMMDD. */
  readonly day: string;
  readonly region: string;
}

export interface CanonicalRequest {
  readonly method: string;
  /** As it was sent, percent-encoded. */
  readonly path: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Of the signed headers, in order: names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly payloadHash: string;
}

export const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();

export const scopeText = ({ day, region }: Scope): string => `${day}/${region}/s3/aws4_request`;

export function signingKey(secret: string, { day, region }: Scope): Buffer {
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), "s3"), "aws4_request");
}

export function canonicalText({ method, path, query, headers, payloadHash }: CanonicalRequest): string {
  const encoded = query.map(([name, value]) => [uriEncode(name), uriEncode(value)] as const);
  encoded.sort(([leftName, leftValue], [rightName, rightValue]) =>
    leftName === rightName ? compare(leftValue, rightValue) : compare(leftName, rightName),
  );
  return [
    method,
    path,
    encoded.map(pair => pair.join("=")).join("&"),
    ...headers.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, " ")}`),
    "",
    headers.map(([name]) => name).join(";"),
    payloadHash,
  ].join("\n");
}

export function signatureOf(key: Buffer, date: string, scope: Scope, canonical: string): string {
  return hmac(key, [ALGORITHM, date, scopeText(scope), sha256(canonical)].join("\n")).toString("hex");
}

/** The signature of one chunk of a streamed body, which continues that of the one before. */
export function chunkSignature(key: Buffer, kind: "PAYLOAD" | "TRAILER", lines: readonly string[]): string {
  return hmac(key, [`${ALGORITHM}-${kind}`, ...lines].join("\n")).toString("hex");
}

/** The query of a presigned URL. */
export function presignQuery(request: {
  readonly credentials: S3Credentials;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly date: string;
  readonly seconds: number;
}): string {
  const { credentials, method, path, host, date, seconds } = request;
  const scope = { day: date.slice(0, 8), region: "auto" };
  const query: [string, string][] = [
    ["X-Amz-Algorithm", ALGORITHM],
    ["X-Amz-Content-Sha256", UNSIGNED_PAYLOAD],
    ["X-Amz-Credential", `${credentials.accessKeyId}/${scopeText(scope)}`],
    ["X-Amz-Date", date],
    ["X-Amz-Expires", String(seconds)],
    ["X-Amz-SignedHeaders", "host"],
  ];
  const headers = [["host", host]] as const;
  const canonical = canonicalText({ method, path, query, headers, payloadHash: UNSIGNED_PAYLOAD });
  const signature = signatureOf(signingKey(credentials.secretAccessKey, scope), date, scope, canonical);
  return [...query, ["X-Amz-Signature", signature]]
    .map(([name = "", value = ""]) => `${name}=${uriEncode(value)}`)
    .join("&");
}

/** A moment as the signature has it: 20260131T080000Z. */
export const amzDate = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace(/[-:]|\.\d+/g, "");

/** Milliseconds since the epoch; NaN for what is no date of this form. */
export function parseAmzDate(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)?.slice(1);
  if (parts === undefined) return Number.NaN;
  const [year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** Everything but RFC 3986's unreserved characters. */
function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
