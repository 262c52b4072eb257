/** What R2 refuses, in its words (https://developers.cloudflare.com/r2/api/error-codes/). */

interface Refusal {
  /** The number that the Workers API shows at the end of its message. */
  readonly code: number;
  /** The status of the S3 API. */
  readonly status: number;
  /** The S3 API's code, where it is not the name of this entry. */
  readonly s3?: string;
  readonly message: string;
}

const REFUSALS = {
  InternalError: {
    code: 10001,
    status: 500,
    message: "We encountered an internal error. Please try again.",
  },
  NoSuchKey: { code: 10007, status: 404, message: "The specified key does not exist." },
  EntityTooSmall: {
    code: 10011,
    status: 400,
    message: "Your proposed upload is smaller than the minimum allowed object size.",
  },
  MetadataTooLarge: {
    code: 10012,
    status: 400,
    message: "Your metadata headers exceed the maximum allowed metadata size.",
  },
  InvalidObjectName: { code: 10020, status: 400, message: "The specified object name is not valid." },
  InvalidMaxKeys: {
    code: 10022,
    status: 400,
    s3: "InvalidArgument",
    message: "MaxKeys params must be positive integer <= 1000.",
  },
  NoSuchUpload: { code: 10024, status: 404, message: "The specified multipart upload does not exist." },
  InvalidPart: {
    code: 10025,
    status: 400,
    message: "One or more of the specified parts could not be found.",
  },
  TooManyKeys: {
    code: 10027,
    status: 400,
    s3: "MalformedXML",
    message: "The number of keys in the request must be between 1 and 1000 inclusive.",
  },
  InvalidArgument: { code: 10029, status: 400, message: "Invalid argument." },
  PreconditionFailed: {
    code: 10031,
    status: 412,
    message: "At least one of the pre-conditions you specified did not hold.",
  },
  BadDigest: {
    code: 10037,
    status: 400,
    message: "The checksum you specified did not match what we received.",
  },
  InvalidRange: { code: 10039, status: 416, message: "The requested range is not satisfiable" },
  BadUpload: {
    code: 10048,
    status: 400,
    s3: "InvalidPart",
    message: "There was a problem with the multipart upload.",
  },
  EntityTooLarge: {
    code: 100100,
    status: 400,
    message: "Your proposed upload exceeds the maximum allowed object size.",
  },
} as const satisfies Readonly<Record<string, Refusal>>;

export type R2ErrorKind = keyof typeof REFUSALS;

/** A refusal of R2's. The Workers API and the S3 API word it for their callers. */
export class R2Error extends Error {
  override readonly name = "R2Error";
  readonly kind: R2ErrorKind;

  constructor(kind: R2ErrorKind, message: string = REFUSALS[kind].message, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }

  /** As a worker sees it: `put: The specified object name is not valid. (10020)`. */
  toWorker(action: string): Error {
    return new Error(`${action}: ${this.message} (${REFUSALS[this.kind].code})`);
  }

  get s3(): { readonly code: string; readonly status: number } {
    const refusal: Refusal = REFUSALS[this.kind];
    return { code: refusal.s3 ?? this.kind, status: refusal.status };
  }
}
