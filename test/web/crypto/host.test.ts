import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import type { OpContext } from "../../../src/engine/ops.ts";
import { cryptoOps } from "../../../src/web/crypto/host.ts";
import { cryptoLimits } from "../../../src/web/crypto/limits.ts";
import { cryptoPures as pure } from "../../../src/web/crypto/pure.ts";

const contextOf = (signal: AbortSignal) => ({ signal }) as OpContext;
const context = contextOf(new AbortController().signal);
const text = (value: string) => new TextEncoder().encode(value);

test("digests that nobody ends are forgotten, the least recently used first", () => {
  const first = pure["crypto.digestOpen"]("SHA-1");
  const second = pure["crypto.digestOpen"]("SHA-1");
  pure["crypto.digestUpdate"](first, text("abc"));
  const others: string[] = [];
  for (let count = 0; count < cryptoLimits.openDigests - 1; count++) {
    others.push(pure["crypto.digestOpen"]("CRC32"));
  }
  expect(Buffer.from(pure["crypto.digestClose"](first)).toString("hex")).toBe(
    "a9993e364706816aba3e25717850c26c9cd0d89d",
  );
  expect(() => pure["crypto.digestUpdate"](second, text("abc"))).toThrow("too many digests are under way");
  for (const handle of others) pure["crypto.digestDrop"](handle);
});

test("a handle serves once, and cannot be guessed", () => {
  const handle = pure["crypto.digestOpen"]("SHA-256");
  expect(handle).toMatch(/^[\w-]{22}$/);
  pure["crypto.digestClose"](handle);
  expect(() => pure["crypto.digestClose"](handle)).toThrow();
  expect(() => pure["crypto.digestClose"]("1")).toThrow();
});

test("results are bytes of their own, and not a part of Node's pool", () => {
  for (const bytes of [
    pure["crypto.random"](16),
    pure["crypto.digest"]("SHA-256", text("abc")),
    pure["crypto.aesCbc"]("encrypt", new Uint8Array(16), new Uint8Array(16), text("abc")),
    pure["crypto.generateOnCurve"]("P-256"),
  ]) {
    expect(Buffer.isBuffer(bytes)).toBe(false);
    expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
  }
});

test("keys are parsed afresh when too many were used meanwhile", () => {
  const sign = (key: Uint8Array) => pure["crypto.sign"]("Ed25519", null, 0, key, text("abc"));
  const key = pure["crypto.generateOnCurve"]("Ed25519");
  const signature = sign(key);
  for (let count = 0; count <= cryptoLimits.parsedKeys; count++)
    sign(pure["crypto.generateOnCurve"]("Ed25519"));
  expect(sign(key)).toEqual(signature);
});

test("what is not DER, or not a key, is a DataError", () => {
  const { privateKey } = generateKeyPairSync("dsa", { modulusLength: 1024, divisorLength: 160 });
  const dsa = privateKey.export({ type: "pkcs8", format: "der" });
  expect(pure["crypto.describe"]("private", dsa)).toEqual({ kind: "dsa" });
  for (const der of ["", "30", "3080", "30850000000001", "30820000", "3003020101", "02030000"]) {
    for (const half of ["public", "private"] as const) {
      expect(() => pure["crypto.importDer"](half, Buffer.from(der, "hex"))).toThrow(
        expect.objectContaining({ name: "DataError" }),
      );
    }
  }
});

test("slow work takes turns, and is not begun for an event that is over", async () => {
  const controller = new AbortController();
  const derive = (on: OpContext) => cryptoOps["crypto.pbkdf2"](on, "SHA-1", text("a"), text("b"), 20_000, 20);
  const wanted = [derive(context), derive(context), derive(context)];
  const unwanted = derive(contextOf(controller.signal));
  controller.abort();
  await expect(unwanted).rejects.toThrow();
  const [first, ...others] = await Promise.all(wanted);
  for (const other of others) expect(other).toEqual(first);
  // A lane that was left is free again.
  expect(await derive(context)).toEqual(first);
});

test("a secret of many megabytes is refused", () => {
  const tooMany = cryptoLimits.secretBytes + 1;
  expect(() => pure["crypto.random"](tooMany)).toThrow(expect.objectContaining({ name: "OperationError" }));
  expect(() => cryptoOps["crypto.pbkdf2"](context, "SHA-512", text("a"), text("b"), 1, tooMany)).toThrow();
});

test("a derivation that would take minutes is refused", () => {
  expect(() => cryptoOps["crypto.pbkdf2"](context, "MD5", text("a"), text("b"), 100_000, 1 << 20)).toThrow(
    "takes too long",
  );
});
