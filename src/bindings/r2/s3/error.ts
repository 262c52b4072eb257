/** What the S3 endpoint refuses. R2's own refusals are `R2Error`s (../errors.ts). */
export class S3Error extends Error {
  override readonly name = "S3Error";
  readonly status: number;
  readonly code: string;
  /** Further elements of the answer. */
  readonly details: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, details: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export const invalidArgument = (message: string) => new S3Error(400, "InvalidArgument", message);

export const invalidRequest = (message: string) => new S3Error(400, "InvalidRequest", message);

export const notImplemented = (what: string) => new S3Error(501, "NotImplemented", `${what} not implemented`);
