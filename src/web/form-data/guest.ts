/** FormData (https://xhr.spec.whatwg.org/#interface-formdata). */
import { pairIterator } from "../../guest/pair-iterator.ts";
import {
  callback,
  exposeInterface,
  illegalInvocation,
  requireArguments,
  USVString,
} from "../../guest/webidl.ts";
import { type Blob, File, fileOver, isBlob } from "../blob/guest.ts";

export type FormDataEntryValue = string | File;
type Entry = [name: string, value: FormDataEntryValue];

const iterate = pairIterator<FormDataEntryValue>("FormData");

/** The entries of a FormData; undefined for anything else. */
export let formDataEntries: (value: unknown) => readonly Entry[] | undefined;
/** A FormData with these entries. */
export let formDataOver: (entries: Entry[]) => FormData;

/** As on workerd, a Blob without a file name takes the field's. */
function entryValue(name: string, value: unknown, filename: unknown, context: string): FormDataEntryValue {
  if (!isBlob(value)) return USVString(value, `${context}: parameter 2`);
  if (filename !== undefined) return fileOver(value, USVString(filename, `${context}: parameter 3`));
  return value instanceof File ? value : fileOver(value, name);
}

export class FormData {
  #entries: Entry[] = [];

  static {
    formDataEntries = value =>
      typeof value === "object" && value !== null && #entries in value ? value.#entries : undefined;
    formDataOver = entries => {
      const form = new FormData();
      form.#entries = entries;
      return form;
    };
  }

  append(name: string, value: string | Blob, filename: string | undefined = undefined): void {
    const context = "Failed to execute 'append' on 'FormData'";
    if (!(#entries in this)) throw illegalInvocation();
    requireArguments(arguments.length, 2, context);
    const key = USVString(name, `${context}: parameter 1`);
    this.#entries.push([key, entryValue(key, value, filename, context)]);
  }

  delete(name: string): void {
    if (!(#entries in this)) throw illegalInvocation();
    const key = this.#key(name, arguments.length, "delete");
    this.#removeFrom(key, 0);
  }

  get(name: string): FormDataEntryValue | null {
    if (!(#entries in this)) throw illegalInvocation();
    const key = this.#key(name, arguments.length, "get");
    for (const entry of this.#entries) if (entry[0] === key) return entry[1];
    return null;
  }

  getAll(name: string): FormDataEntryValue[] {
    if (!(#entries in this)) throw illegalInvocation();
    const key = this.#key(name, arguments.length, "getAll");
    const values: FormDataEntryValue[] = [];
    for (const entry of this.#entries) if (entry[0] === key) values.push(entry[1]);
    return values;
  }

  has(name: string): boolean {
    if (!(#entries in this)) throw illegalInvocation();
    const key = this.#key(name, arguments.length, "has");
    return this.#entries.some(entry => entry[0] === key);
  }

  set(name: string, value: string | Blob, filename: string | undefined = undefined): void {
    const context = "Failed to execute 'set' on 'FormData'";
    if (!(#entries in this)) throw illegalInvocation();
    requireArguments(arguments.length, 2, context);
    const key = USVString(name, `${context}: parameter 1`);
    const entry: Entry = [key, entryValue(key, value, filename, context)];
    const index = this.#entries.findIndex(([other]) => other === key);
    if (index < 0) {
      this.#entries.push(entry);
      return;
    }
    this.#entries[index] = entry;
    this.#removeFrom(key, index + 1);
  }

  forEach(
    consumer: (value: FormDataEntryValue, key: string, parent: FormData) => void,
    thisArg: unknown = undefined,
  ): void {
    if (!(#entries in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "Failed to execute 'forEach' on 'FormData'");
    callback(consumer, "Failed to execute 'forEach' on 'FormData': parameter 1");
    for (let index = 0; index < this.#entries.length; index++) {
      const [name, value] = this.#entries[index] as Entry;
      Reflect.apply(consumer, thisArg, [value, name, this]);
    }
  }

  entries(): IteratorObject<Entry> {
    if (!(#entries in this)) throw illegalInvocation();
    return iterate(this.#entries, "entries") as IteratorObject<Entry>;
  }

  keys(): IteratorObject<string> {
    if (!(#entries in this)) throw illegalInvocation();
    return iterate(this.#entries, "keys") as IteratorObject<string>;
  }

  values(): IteratorObject<FormDataEntryValue> {
    if (!(#entries in this)) throw illegalInvocation();
    return iterate(this.#entries, "values") as IteratorObject<FormDataEntryValue>;
  }

  declare [Symbol.iterator]: () => IteratorObject<Entry>;

  #key(name: unknown, given: number, method: string): string {
    requireArguments(given, 1, `Failed to execute '${method}' on 'FormData'`);
    return USVString(name, `Failed to execute '${method}' on 'FormData': parameter 1`);
  }

  /** Removes in place: the iterators look at this very array. */
  #removeFrom(name: string, from: number): void {
    let kept = from;
    for (let index = from; index < this.#entries.length; index++) {
      const entry = this.#entries[index] as Entry;
      if (entry[0] !== name) this.#entries[kept++] = entry;
    }
    this.#entries.length = kept;
  }
}

exposeInterface(FormData, "FormData");
Object.defineProperty(FormData.prototype, Symbol.iterator, {
  value: FormData.prototype.entries,
  writable: true,
  configurable: true,
});
