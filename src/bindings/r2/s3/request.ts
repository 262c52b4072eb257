/** A request to the S3 endpoint, as its operations see it. */
import type { IncomingMessage } from "node:http";
import { invalidArgument, S3Error } from "./error.ts";

export class S3Request {
  readonly message: IncomingMessage;
  readonly method: string;
  /** As it was sent, percent-encoded. */
  readonly path: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** "" for the service itself. */
  readonly bucket: string;
  /** "" for the bucket itself. */
  readonly key: string;

  constructor(message: IncomingMessage, prefix: string) {
    const [path = "", ...rest] = (message.url ?? "").split("?");
    this.message = message;
    this.method = message.method ?? "GET";
    this.path = path;
    this.query = parseQuery(rest.join("?"));
    const resource = path.slice(prefix.length).replace(/^\//, "");
    const slash = resource.indexOf("/");
    this.bucket = decode(slash < 0 ? resource : resource.slice(0, slash));
    this.key = slash < 0 ? "" : decode(resource.slice(slash + 1));
  }

  has(parameter: string): boolean {
    return this.query.some(([name]) => name === parameter);
  }

  parameter(parameter: string): string | undefined {
    return this.query.find(([name]) => name === parameter)?.[1];
  }

  /** A whole number from the query. */
  number(parameter: string, fallback: number, maximum: number): number {
    const text = this.parameter(parameter);
    if (text === undefined || text === "") return fallback;
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(value) || value > 2 ** 31 - 1) {
      throw invalidArgument(`Provided ${parameter} not an integer or within integer range`);
    }
    return Math.min(value, maximum);
  }

  /** A header, or the parameter that a presigned URL has in its place. */
  header(name: string): string | undefined {
    const value = this.message.headers[name];
    if (value !== undefined) return decodeHeader(Array.isArray(value) ? value.join(",") : value);
    if (!name.startsWith("x-amz-")) return undefined;
    return this.query.find(([parameter]) => parameter.toLowerCase() === name)?.[1];
  }

  /** The names of all that `header` knows, in lower case. */
  headerNames(): readonly string[] {
    const hoisted = this.query.map(([name]) => name.toLowerCase()).filter(name => name.startsWith("x-amz-"));
    return [...new Set([...Object.keys(this.message.headers), ...hoisted])];
  }

  /** Every value of a header as it was sent, joined as a signature has them. */
  rawHeader(name: string): string {
    const { rawHeaders } = this.message;
    const values: string[] = [];
    for (let index = 0; index < rawHeaders.length; index += 2) {
      if (rawHeaders[index]?.toLowerCase() === name) values.push((rawHeaders[index + 1] ?? "").trim());
    }
    return values.join(",");
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A header's text is UTF-8, which Node.js has read as Latin-1; bytes that are no UTF-8 are left so. */
function decodeHeader(value: string): string {
  try {
    return utf8.decode(Buffer.from(value, "latin1"));
  } catch {
    return value;
  }
}

function parseQuery(text: string): [string, string][] {
  const pairs = text.split("&").filter(pair => pair !== "");
  return pairs.map(pair => {
    const [name = "", ...value] = pair.split("=");
    return [decode(name, true), decode(value.join("="), true)];
  });
}

function decode(text: string, plusIsSpace = false): string {
  try {
    return decodeURIComponent(plusIsSpace ? text.replaceAll("+", " ") : text);
  } catch {
    throw new S3Error(400, "InvalidURI", "Couldn't parse the specified URI.");
  }
}
