/**
 * Digests and HMACs. A compiler makes short inputs cheaper to hash here than to hand to the host; long ones, and all of
 * an interpreter's, are the host's.
 */
import { callSync } from "../../../guest/host.ts";
import { interpreted } from "../../encoding/guest/interpreted.ts";
import type { HashName } from "../contract.ts";
import type { Bytes } from "./bytes.ts";
import { copyOf, finish, type HashFunction, initialState, type State } from "./hashes/hash-function.ts";
import { sha1 } from "./hashes/sha-1.ts";
import { sha256 } from "./hashes/sha-256.ts";
import type { KeyContents } from "./key.ts";

/** What is hashed here at most: about what a crossing to the host costs. */
const SHORT = 1024;

function inScript(hash: HashName, length: number): HashFunction | undefined {
  if (interpreted || length > SHORT) return undefined;
  if (hash === "SHA-256") return sha256;
  return hash === "SHA-1" ? sha1 : undefined;
}

export function digest(hash: HashName, data: Uint8Array): Bytes {
  const own = inScript(hash, data.length);
  if (own === undefined) return callSync("crypto.digest", hash, data) as Bytes;
  return finish(own, initialState(own), data, 0);
}

/** The states after the first blocks of the two hashes of an HMAC, which depend on nothing but the key. */
interface KeyedStates {
  readonly inner: State;
  readonly outer: State;
}

const keyedStates = new WeakMap<KeyContents, KeyedStates>();

/** RFC 2104. */
export function hmac(key: KeyContents, data: Uint8Array): Bytes {
  const own = inScript(key.hash!, data.length);
  if (own === undefined) return callSync("crypto.hmac", key.hash!, key.material, data) as Bytes;
  let states = keyedStates.get(key);
  if (states === undefined) {
    states = keyed(own, key);
    keyedStates.set(key, states);
  }
  const inner = finish(own, copyOf(states.inner), data, own.blockBytes);
  return finish(own, copyOf(states.outer), inner, own.blockBytes);
}

function keyed(own: HashFunction, { hash, material }: KeyContents): KeyedStates {
  const secret = material.length > own.blockBytes ? digest(hash!, material) : material;
  return { inner: keyedBy(own, secret, 0x36), outer: keyedBy(own, secret, 0x5c) };
}

function keyedBy(own: HashFunction, secret: Uint8Array, pad: number): State {
  const block = new Uint8Array(own.blockBytes).fill(pad);
  for (let index = 0; index < secret.length; index++) block[index]! ^= secret[index]!;
  const state = initialState(own);
  own.compress(state, block, 0);
  return state;
}
