/** `cloudflare:workflows` (https://developers.cloudflare.com/workflows/build/workers-api/#nonretryableerror). */

/** An error after which a workflow's step is not tried again. */
export class NonRetryableError extends Error {
  constructor(message: string, name = "NonRetryableError") {
    super(message);
    Object.defineProperty(this, "name", {
      value: name,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
}
