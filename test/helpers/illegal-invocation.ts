/** What a method throws when it is called on a receiver of another class. */
export const ILLEGAL_INVOCATION =
  "TypeError: Illegal invocation: function called with incorrect `this` reference. " +
  "See https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors for details.";
