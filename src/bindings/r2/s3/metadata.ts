/** An object's metadata in the headers of S3. */
import { TOKEN } from "../../token.ts";
import type { R2MetadataSettings } from "../bucket.ts";
import { headerValue } from "../http-object.ts";
import type { R2CustomMetadata, R2Head, R2HttpMetadata, R2StorageClass } from "../store.ts";
import { invalidArgument, invalidRequest, notImplemented } from "./error.ts";
import type { S3Request } from "./request.ts";

const CUSTOM_PREFIX = "x-amz-meta-";
const SSEC_PREFIX = "x-amz-server-side-encryption-customer-";

/** Headers that would change what is asked for, and that R2 has no meaning for. */
const REFUSED_HEADERS = [
  "x-amz-security-token",
  "x-amz-tagging",
  "x-amz-website-redirect-location",
  "x-amz-object-lock-mode",
  "x-amz-object-lock-retain-until-date",
  "x-amz-object-lock-legal-hold",
  "x-amz-grant-full-control",
  "x-amz-grant-read",
  "x-amz-grant-read-acp",
  "x-amz-grant-write-acp",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-write-offset-bytes",
];

export function refuseUnknownHeaders(request: S3Request): void {
  for (const name of REFUSED_HEADERS) {
    const value = request.header(name);
    if (value !== undefined) throw notImplemented(`Header '${name}' with value '${value}'`);
  }
}

export function metadataOf(request: S3Request): R2MetadataSettings {
  return {
    httpMetadata: httpMetadataOf(request),
    customMetadata: customMetadataOf(request),
    storageClass: storageClassOf(request.header("x-amz-storage-class")),
    ssecKey: ssecKeyOf(request),
  };
}

function httpMetadataOf(request: S3Request): R2HttpMetadata {
  const header = (name: string) => text(request.header(name));
  const expires = Date.parse(request.header("expires") ?? "");
  const encoding = header("content-encoding")
    ?.split(",")
    .map(coding => coding.trim())
    .filter(coding => coding !== "" && coding.toLowerCase() !== "aws-chunked")
    .join(", ");
  const metadata = {
    contentType: header("content-type"),
    contentLanguage: header("content-language"),
    contentDisposition: header("content-disposition"),
    contentEncoding: encoding || undefined,
    cacheControl: header("cache-control"),
    cacheExpiry: Number.isNaN(expires) ? undefined : expires,
  };
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined));
}

function customMetadataOf(request: S3Request): R2CustomMetadata {
  return request
    .headerNames()
    .filter(name => name.startsWith(CUSTOM_PREFIX) && name.length > CUSTOM_PREFIX.length)
    .map(name => [name.slice(CUSTOM_PREFIX.length), text(request.header(name)) ?? ""]);
}

/** A header's text, which may be in RFC 2047's encoding. */
function text(header: string | undefined): string | undefined {
  const encoded = /^=\?utf-8\?b\?([a-z0-9+/=]*)\?=$/i.exec(header ?? "")?.[1];
  return encoded === undefined ? header : Buffer.from(encoded, "base64").toString("utf8");
}

export function storageClassOf(header: string | undefined): R2StorageClass {
  if (header === undefined || header === "STANDARD") return "Standard";
  if (header === "STANDARD_IA") return "InfrequentAccess";
  throw invalidArgument(`The storage class ${header} is neither STANDARD nor STANDARD_IA`);
}

export const s3StorageClass = ({ storageClass }: Pick<R2Head, "storageClass">): string =>
  storageClass === "Standard" ? "STANDARD" : "STANDARD_IA";

/** The customer's key in hexadecimal digits; undefined without one. `prefix` is another for the source of a copy. */
export function ssecKeyOf(request: S3Request, prefix = SSEC_PREFIX): string | undefined {
  const key = request.header(`${prefix}key`);
  if (key === undefined) return undefined;
  if (request.header(`${prefix}algorithm`) !== "AES256") {
    throw invalidRequest(
      "Requests specifying Server Side Encryption with Customer provided keys must name AES256.",
    );
  }
  const bytes = Buffer.from(key, "base64");
  if (bytes.length !== 32) throw invalidArgument("The secret key was invalid for the specified algorithm.");
  return bytes.toString("hex");
}

/** What S3 tells of an object beside what HTTP has. */
export function s3Headers(head: R2Head): Record<string, string> {
  const headers: Record<string, string> = {};
  let missing = 0;
  for (const [name, value] of head.customMetadata) {
    if (TOKEN.test(name)) headers[`${CUSTOM_PREFIX}${name}`] = headerValue(value);
    else missing++;
  }
  if (missing > 0) headers["x-amz-missing-meta"] = String(missing);
  if (head.storageClass !== "Standard") headers["x-amz-storage-class"] = s3StorageClass(head);
  return { ...headers, ...ssecHeaders(head.ssecKeyMd5) };
}

export function ssecHeaders(keyMd5: string | null): Record<string, string> {
  if (keyMd5 === null) return {};
  return { [`${SSEC_PREFIX}algorithm`]: "AES256", [`${SSEC_PREFIX}key-md5`]: keyMd5 };
}
