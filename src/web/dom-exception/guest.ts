/** DOMException (https://webidl.spec.whatwg.org/#idl-DOMException), with the instance properties of workerd. */
import { reviveOthersWith } from "../../guest/errors.ts";
import { DOMString, defineConstants } from "../../guest/webidl.ts";

const constants = {
  INDEX_SIZE_ERR: 1,
  DOMSTRING_SIZE_ERR: 2,
  HIERARCHY_REQUEST_ERR: 3,
  WRONG_DOCUMENT_ERR: 4,
  INVALID_CHARACTER_ERR: 5,
  NO_DATA_ALLOWED_ERR: 6,
  NO_MODIFICATION_ALLOWED_ERR: 7,
  NOT_FOUND_ERR: 8,
  NOT_SUPPORTED_ERR: 9,
  INUSE_ATTRIBUTE_ERR: 10,
  INVALID_STATE_ERR: 11,
  SYNTAX_ERR: 12,
  INVALID_MODIFICATION_ERR: 13,
  NAMESPACE_ERR: 14,
  INVALID_ACCESS_ERR: 15,
  VALIDATION_ERR: 16,
  TYPE_MISMATCH_ERR: 17,
  SECURITY_ERR: 18,
  NETWORK_ERR: 19,
  ABORT_ERR: 20,
  URL_MISMATCH_ERR: 21,
  QUOTA_EXCEEDED_ERR: 22,
  TIMEOUT_ERR: 23,
  INVALID_NODE_TYPE_ERR: 24,
  DATA_CLONE_ERR: 25,
};

/** The names that have a legacy code (https://webidl.spec.whatwg.org/#dfn-error-names-table). */
const codes = new Map<string, number>([
  ["IndexSizeError", 1],
  ["HierarchyRequestError", 3],
  ["WrongDocumentError", 4],
  ["InvalidCharacterError", 5],
  ["NoModificationAllowedError", 7],
  ["NotFoundError", 8],
  ["NotSupportedError", 9],
  ["InUseAttributeError", 10],
  ["InvalidStateError", 11],
  ["SyntaxError", 12],
  ["InvalidModificationError", 13],
  ["NamespaceError", 14],
  ["InvalidAccessError", 15],
  ["TypeMismatchError", 17],
  ["SecurityError", 18],
  ["NetworkError", 19],
  ["AbortError", 20],
  ["URLMismatchError", 21],
  ["QuotaExceededError", 22],
  ["TimeoutError", 23],
  ["InvalidNodeTypeError", 24],
  ["DataCloneError", 25],
]);

/** Names that stand for a DOMException without having a legacy code. */
const modernNames = [
  "EncodingError",
  "NotReadableError",
  "UnknownError",
  "ConstraintError",
  "DataError",
  "TransactionInactiveError",
  "ReadOnlyError",
  "VersionError",
  "OperationError",
  "NotAllowedError",
  "OptOutError",
];
const knownNames = new Set([...codes.keys(), ...modernNames]);

/**
 * An error of the web platform, known by its `name`. As on workerd, `code`, `name`, `message` and `stack` are
 * properties of the instance, so that `JSON.stringify` shows them.
 */
export class DOMException extends Error {
  declare readonly code: number;

  constructor(message: string = "", options: string | { name?: string; cause?: unknown } = "Error") {
    const text = DOMString(message, "Failed to construct 'DOMException': parameter 1");
    let name: string;
    let cause: { value: unknown } | undefined;
    if (typeof options === "object" && options !== null) {
      name = options.name === undefined ? "Error" : DOMString(options.name);
      if ("cause" in options) cause = { value: options.cause };
    } else {
      name = DOMString(options, "Failed to construct 'DOMException': parameter 2");
    }
    super();
    const stack = traceOf(this);
    define(this, "code", codes.get(name) ?? 0, false);
    define(this, "name", name, false);
    define(this, "message", text, false);
    define(this, "stack", headed(name, text, stack), true);
    if (cause !== undefined) {
      Object.defineProperty(this, "cause", { value: cause.value, configurable: true, writable: true });
    }
  }
}

function define(target: object, key: string, value: unknown, writable: boolean): void {
  Object.defineProperty(target, key, { value, writable, enumerable: true, configurable: true });
}

/** The frames of a new error's stack, without its first line and without the constructor's own frame. */
function traceOf(error: Error): string {
  const stack = error.stack ?? "";
  const start = stack.startsWith("    at ") ? 0 : stack.indexOf("\n    at ") + 1;
  if (start === 0 && !stack.startsWith("    at ")) return "";
  const frames = stack.slice(start).trimEnd();
  return /^ {4}at (?:new )?DOMException\b/.test(frames)
    ? frames.slice(frames.indexOf("\n") + 1 || frames.length)
    : frames;
}

function headed(name: string, message: string, frames: string): string {
  const header = message === "" ? name : name === "" ? message : `${name}: ${message}`;
  return frames === "" ? header : `${header}\n${frames}`;
}

Object.defineProperty(DOMException, "length", { value: 0, configurable: true });
Object.defineProperty(DOMException.prototype, Symbol.toStringTag, {
  value: "DOMException",
  configurable: true,
});
defineConstants(DOMException, constants);

reviveOthersWith((message, name) => {
  if (knownNames.has(name)) return new DOMException(message, name);
  const error = new Error(message);
  Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  return error;
});
