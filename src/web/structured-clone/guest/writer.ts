/**
 * Values as bytes, for what outlives the moment: queues, storage, calls between workers.
 *
 * The first byte is the format's version. A value is a tag, one ASCII letter, and what follows from it. Lengths and
 * counts are LEB128 (`uint`); a `text` is a uint, its bytes' number, and UTF-8. Objects are numbered in the order in
 * which they begin.
 *
 *     _ undefined   0 null   T true   F false
 *     I int (zigzag uint)      N float64, little-endian      B bigint: text in base 16
 *     s text                   w text with lone surrogates: uint bytes, UTF-16LE
 *     o object: uint, (text, value)…            a dense array: uint, value…
 *     A array with holes or properties: uint length, uint, (text, value)…
 *     m Map: uint, (value, value)…              S Set: uint, value…
 *     D Date: float64          R RegExp: text source, text flags          O boxed primitive: value
 *     b ArrayBuffer: uint, bytes                z resizable ArrayBuffer: uint maximum, uint, bytes
 *     v view: text kind, uint offset, uint length, value (its buffer)
 *     E Error: text class, uint, (text, value)… X object of the runtime: text class, value
 *     @ the object with that number: uint
 */
import { proxyDetails } from "../../../guest/engine-gaps/proxies.ts";
import { dateTime, kindOf, unbox } from "../../../guest/kinds.ts";
import { utf8Encode } from "../../encoding/guest.ts";
import { detachedBuffer, mapPairs, setItems, viewShape } from "./clone.ts";
import { errorKeys, errorProperty, errorTypeName } from "./errors.ts";
import { dataCloneError, refusal, refuseSpecial } from "./refusal.ts";
import { cloneableOf } from "./registry.ts";

export const FORMAT_VERSION = 1;

/** The bytes of a value. Throws a DataCloneError for what cannot be cloned. */
export function serialize(value: unknown): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writer.byte(FORMAT_VERSION);
  writer.value(value);
  return writer.finish();
}

class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #numbers = new Map<object, number>();

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #room(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  byte(byte: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = byte;
  }

  #tag(letter: string): void {
    this.byte(letter.charCodeAt(0));
  }

  #uint(number: number): void {
    let rest = number;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  #double(number: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#length, number, true);
    this.#length += 8;
  }

  #raw(bytes: Uint8Array): void {
    this.#uint(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #text(text: string): void {
    this.#raw(utf8Encode(text));
  }

  /** A property's key: any string, so that a lone surrogate needs the form of a value. */
  #key(key: string): void {
    this.#string(key);
  }

  #string(text: string): void {
    if (text.isWellFormed()) {
      this.#tag("s");
      this.#text(text);
      return;
    }
    this.#tag("w");
    const bytes = new Uint8Array(text.length * 2);
    const view = new DataView(bytes.buffer);
    for (let index = 0; index < text.length; index++) view.setUint16(index * 2, text.charCodeAt(index), true);
    this.#raw(bytes);
  }

  value(value: unknown): void {
    switch (typeof value) {
      case "undefined":
        this.#tag("_");
        return;
      case "boolean":
        this.#tag(value ? "T" : "F");
        return;
      case "number":
        this.#number(value);
        return;
      case "bigint":
        this.#tag("B");
        this.#text(value.toString(16));
        return;
      case "string":
        this.#string(value);
        return;
      case "object":
        if (value === null) this.#tag("0");
        else this.#object(value);
        return;
      default:
        throw refusal(value);
    }
  }

  #number(number: number): void {
    if ((number | 0) === number && !Object.is(number, -0)) {
      this.#tag("I");
      this.#uint(number < 0 ? -number * 2 - 1 : number * 2);
    } else {
      this.#tag("N");
      this.#double(number);
    }
  }

  #object(value: object): void {
    const number = this.#numbers.get(value);
    if (number !== undefined) {
      this.#tag("@");
      this.#uint(number);
      return;
    }
    if (proxyDetails(value) !== undefined) throw refusal(value);
    this.#numbers.set(value, this.#numbers.size);
    if (Array.isArray(value)) {
      this.#array(value);
      return;
    }
    const registered = cloneableOf(value);
    if (registered !== undefined) {
      this.#tag("X");
      this.#text(registered.name);
      this.value(registered.cloneable.serialize(value));
    } else if (ArrayBuffer.isView(value)) {
      this.#arrayView(value);
    } else {
      this.#special(value);
    }
  }

  #array(value: readonly unknown[]): void {
    const keys = Object.keys(value);
    const length = value.length;
    // Keys come in ascending order: as many as the length, and the last one right, means that all are there.
    if (keys.length === length && (length === 0 || keys[length - 1] === String(length - 1))) {
      this.#tag("a");
      this.#uint(length);
      for (let index = 0; index < length; index++) this.value(value[index]);
      return;
    }
    this.#tag("A");
    this.#uint(length);
    this.#properties(value, keys);
  }

  #properties(value: object, keys: readonly string[], read = propertyOf): void {
    this.#uint(keys.length);
    for (const key of keys) {
      this.#key(key);
      this.value(read(value, key));
    }
  }

  #special(value: object): void {
    const kind = kindOf(value);
    switch (kind) {
      case undefined:
        refuseSpecial(value);
        this.#tag("o");
        this.#properties(value, Object.keys(value));
        return;
      case "Date":
        this.#tag("D");
        this.#double(dateTime(value));
        return;
      case "RegExp":
        this.#tag("R");
        this.#text((value as RegExp).source);
        this.#text((value as RegExp).flags);
        return;
      case "String":
      case "Number":
      case "Boolean":
      case "BigInt":
        this.#tag("O");
        this.value(unbox(value, kind));
        return;
      case "ArrayBuffer":
        this.#buffer(value as ArrayBuffer);
        return;
      case "SharedArrayBuffer":
        throw dataCloneError("A SharedArrayBuffer cannot be stored or sent elsewhere.");
      case "Map": {
        const pairs = mapPairs(value as Map<unknown, unknown>);
        this.#tag("m");
        this.#uint(pairs.length);
        for (const [key, item] of pairs) {
          this.value(key);
          this.value(item);
        }
        return;
      }
      case "Set": {
        const items = setItems(value as Set<unknown>);
        this.#tag("S");
        this.#uint(items.length);
        for (const item of items) this.value(item);
        return;
      }
      case "Error":
        this.#tag("E");
        this.#text(errorTypeName(value));
        this.#properties(value, errorKeys(value), errorProperty);
        return;
      default:
        throw refusal(value);
    }
  }

  #buffer(buffer: ArrayBuffer): void {
    if (buffer.detached) throw detachedBuffer();
    this.#tag(buffer.resizable ? "z" : "b");
    if (buffer.resizable) this.#uint(buffer.maxByteLength);
    this.#raw(new Uint8Array(buffer));
  }

  #arrayView(view: ArrayBufferView): void {
    const [name, length] = viewShape(view);
    this.#tag("v");
    this.#text(name);
    this.#uint(view.byteOffset);
    this.#uint(length);
    this.value(view.buffer);
  }
}

function propertyOf(value: object, key: string): unknown {
  return (value as Record<string, unknown>)[key];
}
