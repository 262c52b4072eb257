/** Small helpers for code that runs inside the guest. */
import type { webcrypto } from "node:crypto";
import type { Run } from "../../helpers/each-engine.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** `crypto` as workers have it. */
export interface WorkerCrypto extends webcrypto.Crypto {
  readonly subtle: webcrypto.SubtleCrypto & { timingSafeEqual(a: unknown, b: unknown): boolean };
  readonly DigestStream: new (
    algorithm: unknown,
  ) => WritableStream & {
    readonly digest: Promise<ArrayBuffer>;
    readonly bytesWritten: bigint;
  };
}

export interface Kit {
  readonly crypto: WorkerCrypto;
  readonly subtle: WorkerCrypto["subtle"];
  hex(bytes: ArrayBuffer | Uint8Array): string;
  unhex(text: string): Bytes;
  utf8(text: string): Bytes;
  /** What a call failed with: `TypeError: …`, or a DOMException's `OperationError: …`; "nothing" when it did not. */
  failure(call: () => unknown): Promise<string>;
  /** A key in words: `secret true encrypt,decrypt {"name":…}`. */
  words(key: webcrypto.CryptoKey): string;
}

/** Made inside the guest, from its source. */
function makeKit(): Kit {
  const global = globalThis as unknown as { crypto: WorkerCrypto };
  const hex = (bytes: ArrayBuffer | Uint8Array) =>
    Array.from(new Uint8Array(bytes), byte => byte.toString(16).padStart(2, "0")).join("");
  return {
    crypto: global.crypto,
    subtle: global.crypto.subtle,
    hex,
    unhex: text =>
      Uint8Array.from(text.replace(/\s/g, "").match(/../g) ?? [], byte => Number.parseInt(byte, 16)),
    utf8: text => new TextEncoder().encode(text),
    failure: async call => {
      try {
        await call();
        return "nothing";
      } catch (error) {
        const { name, message } = error as Error;
        const kind = (error as Error).constructor.name;
        return `${kind === "DOMException" || kind === name ? "" : `${kind} `}${name}: ${message}`;
      }
    },
    words: key => {
      const algorithm = JSON.stringify(key.algorithm, (_, value) =>
        value instanceof Uint8Array ? hex(value) : value,
      );
      return `${key.type} ${key.extractable} ${key.usages.join()} ${algorithm}`;
    },
  };
}

export type RunWithKit = <Args extends unknown[], Result>(
  guest: (kit: Kit, ...args: Args) => Result,
  ...args: Args
) => Promise<Awaited<Result>>;

/** `run` for functions whose first argument is the kit. */
export function withKit(run: Run): RunWithKit {
  return (guest, ...args) =>
    run(
      (kit: string, source: string, list: unknown[]) => {
        const evaluate = (text: string) => new Function(`return (${text});`)();
        return evaluate(source)(evaluate(kit)(), ...list);
      },
      makeKit.toString(),
      guest.toString(),
      args,
    ) as never;
}
