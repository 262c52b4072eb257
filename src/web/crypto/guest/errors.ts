/** The exceptions of Web Cryptography. */
import { DOMException } from "../../dom-exception/guest.ts";

export const notSupported = (message: string): DOMException => new DOMException(message, "NotSupportedError");
export const operationError = (message: string): DOMException => new DOMException(message, "OperationError");
export const dataError = (message: string): DOMException => new DOMException(message, "DataError");
export const invalidAccess = (message: string): DOMException =>
  new DOMException(message, "InvalidAccessError");
export const syntaxError = (message: string): DOMException => new DOMException(message, "SyntaxError");

export const unknownFormat = (format: string): DOMException =>
  notSupported(`Unrecognized key import format "${format}".`);

export const unimplemented = (operation: string, algorithm: string): DOMException =>
  notSupported(`The ${operation} operation is not implemented for "${algorithm}".`);
