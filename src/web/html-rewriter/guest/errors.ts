/** The errors of the rewriter, in workerd's words. */

/** What lol-html refuses, workerd reports in this form. */
export function parserError(message: string): TypeError {
  return new TypeError(`Parser error: ${message}`);
}

export const memoryLimitExceeded = (): TypeError => parserError("The memory limit has been exceeded.");

export function invalidToken(): TypeError {
  return new TypeError(
    "This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.",
  );
}
