/** A failure that the guest sees as the DOMException of this name. */
export class CryptoFailure extends Error {
  constructor(name: "OperationError" | "DataError" | "NotSupportedError", message: string) {
    super(message);
    this.name = name;
  }
}

/** Performs a computation of the host's; whatever it throws becomes a failure of that name and message. */
export function orFail<T>(name: "OperationError" | "DataError", message: string, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof CryptoFailure) throw error;
    throw new CryptoFailure(name, message);
  }
}
