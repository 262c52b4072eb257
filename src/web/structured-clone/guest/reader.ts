/** Values from the bytes that `serialize` made; the format is described in writer.ts. */
import { utf8Decode } from "../../encoding/guest.ts";
import { viewConstructor } from "./clone.ts";
import { defineErrorProperty, emptyError } from "./errors.ts";
import { dataCloneError } from "./refusal.ts";
import { cloneableNamed } from "./registry.ts";
import { FORMAT_VERSION } from "./writer.ts";

/** The value that the bytes stand for. Throws a DataCloneError for bytes that `serialize` did not make. */
export function deserialize(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  if (reader.byte() !== FORMAT_VERSION) throw malformed();
  const value = reader.value();
  if (!reader.atEnd) throw malformed();
  return value;
}

const malformed = () => dataCloneError("The serialized data is damaged or of another version.");

const VIEW_KINDS =
  /^(?:DataView|(?:Big(?:Int|Uint)64|Float(?:16|32|64)|Int(?:8|16|32)|Uint(?:8|16|32)|Uint8Clamped)Array)$/;

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  readonly #objects: unknown[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw malformed();
    return byte;
  }

  #uint(): number {
    let number = 0;
    let factor = 1;
    for (let byte = this.byte(); ; byte = this.byte()) {
      number += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
      factor *= 0x80;
    }
    if (!Number.isSafeInteger(number)) throw malformed();
    return number;
  }

  /** A number of things that follow, each of which takes a byte at least. */
  #count(): number {
    const count = this.#uint();
    if (count > this.#bytes.length - this.#at) throw malformed();
    return count;
  }

  #double(): number {
    if (this.#at + 8 > this.#bytes.length) throw malformed();
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  #raw(): Uint8Array {
    const length = this.#count();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #text(): string {
    return utf8Decode(this.#raw());
  }

  #wideText(): string {
    const bytes = this.#raw();
    let text = "";
    for (let index = 0; index + 1 < bytes.length; index += 2) {
      text += String.fromCharCode(bytes[index]! | (bytes[index + 1]! << 8));
    }
    return text;
  }

  #key(): string {
    const tag = String.fromCharCode(this.byte());
    if (tag === "s") return this.#text();
    if (tag === "w") return this.#wideText();
    throw malformed();
  }

  value(): unknown {
    const tag = String.fromCharCode(this.byte());
    switch (tag) {
      case "_":
        return undefined;
      case "0":
        return null;
      case "T":
        return true;
      case "F":
        return false;
      case "I": {
        const number = this.#uint();
        return number % 2 === 0 ? number / 2 : -(number + 1) / 2;
      }
      case "N":
        return this.#double();
      case "B":
        return this.#bigint();
      case "s":
        return this.#text();
      case "w":
        return this.#wideText();
      case "@": {
        const number = this.#uint();
        if (number >= this.#objects.length) throw malformed();
        return this.#objects[number];
      }
      default:
        return this.#object(tag);
    }
  }

  #bigint(): bigint {
    const text = this.#text();
    if (!/^-?[0-9a-f]+$/.test(text)) throw malformed();
    return text.startsWith("-") ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
  }

  #object(tag: string): unknown {
    const number = this.#objects.length;
    this.#objects.push(undefined);
    const keep = <T>(object: T): T => {
      this.#objects[number] = object;
      return object;
    };
    switch (tag) {
      case "o":
        return this.#properties(keep({}), defineProperty);
      case "a":
        return this.#items(keep([]));
      case "A": {
        const array = keep([] as unknown[]);
        array.length = this.#uint();
        return this.#properties(array, defineProperty);
      }
      case "m":
        return this.#map(keep(new Map()));
      case "S":
        return this.#set(keep(new Set()));
      case "D":
        return keep(new Date(this.#double()));
      case "R":
        return keep(new RegExp(this.#text(), this.#text()));
      case "O":
        return keep(Object(this.value()));
      case "b":
        return keep(this.#raw().slice().buffer);
      case "z":
        return keep(this.#resizable());
      case "v":
        return keep(this.#arrayView());
      case "E":
        return this.#properties(keep(emptyError(this.#text())), defineErrorProperty);
      case "X":
        return keep(this.#platformObject());
      default:
        throw malformed();
    }
  }

  #properties<T extends object>(object: T, define: (object: object, key: string, value: unknown) => void): T {
    for (let count = this.#count(); count > 0; count--) define(object, this.#key(), this.value());
    return object;
  }

  #items(array: unknown[]): unknown[] {
    for (let count = this.#count(); count > 0; count--) array.push(this.value());
    return array;
  }

  #map(map: Map<unknown, unknown>): Map<unknown, unknown> {
    for (let count = this.#count(); count > 0; count--) map.set(this.value(), this.value());
    return map;
  }

  #set(set: Set<unknown>): Set<unknown> {
    for (let count = this.#count(); count > 0; count--) set.add(this.value());
    return set;
  }

  #resizable(): ArrayBuffer {
    const maxByteLength = this.#uint();
    const bytes = this.#raw();
    const buffer = new ArrayBuffer(bytes.length, { maxByteLength });
    new Uint8Array(buffer).set(bytes);
    return buffer;
  }

  #arrayView(): ArrayBufferView {
    const kind = this.#text();
    if (!VIEW_KINDS.test(kind)) throw malformed();
    const offset = this.#uint();
    const length = this.#uint();
    const buffer = this.value();
    if (!(buffer instanceof ArrayBuffer)) throw malformed();
    return new (viewConstructor(kind))(buffer, offset, length);
  }

  #platformObject(): object {
    const cloneable = cloneableNamed(this.#text());
    if (cloneable === undefined) throw malformed();
    return cloneable.deserialize(this.value());
  }
}

function defineProperty(object: object, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    (object as Record<string, unknown>)[key] = value;
  }
}
