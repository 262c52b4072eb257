/** `structuredClone`, and cloning for the other rooms: to a copy, to bytes, and back. */
import { wrongField } from "../../guest/type-errors.ts";
import { object, requireArguments, sequence } from "../../guest/webidl.ts";
import { DOMException } from "../dom-exception/guest.ts";
import { cloneValue } from "./guest/clone.ts";
import { registerCloneable } from "./guest/registry.ts";

export { cloneValue, cloneWithTransfer } from "./guest/clone.ts";
export { deserialize } from "./guest/reader.ts";
export {
  type Cloneable,
  registerCloneable,
  registerTransferable,
  type Transferable,
} from "./guest/registry.ts";
export { serialize } from "./guest/writer.ts";

const WHERE = "Failed to execute 'structuredClone' on 'ServiceWorkerGlobalScope'";

const transferableItem = (value: unknown): object => {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    throw new TypeError("Object is not transferable");
  }
  return value;
};
/** The members of a transfer list, which must be objects. */
export function toTransferList(value: unknown, holder = "StructuredCloneOptions"): object[] {
  if (typeof value !== "object" || value === null || !(Symbol.iterator in value)) {
    throw wrongField("transfer", holder, "Array");
  }
  return sequence(transferableItem)(value, `The 'transfer' field on '${holder}'`);
}

/** https://html.spec.whatwg.org/#dom-structuredclone */
export function structuredClone<T>(
  value: T,
  options: { transfer?: Iterable<object> } | undefined = undefined,
): T {
  requireArguments(arguments.length, 1, WHERE);
  if (options === undefined || options === null) return cloneValue(value);
  const transfer: unknown = (object(options, `${WHERE}: parameter 2`) as { transfer?: unknown }).transfer;
  if (transfer === undefined) return cloneValue(value);
  return cloneValue(value, toTransferList(transfer));
}

registerCloneable(DOMException, {
  serialize: ({ message, name, stack, cause }) =>
    cause === undefined ? { message, name, stack } : { message, name, stack, cause },
  deserialize(data) {
    const fields = data as { message: string; name: string; stack?: string; cause?: unknown };
    const copy = new DOMException(
      fields.message,
      "cause" in fields ? { name: fields.name, cause: fields.cause } : fields.name,
    );
    if (fields.stack !== undefined) copy.stack = fields.stack;
    return copy;
  },
});
