/** What a namespace refuses, in the words of Cloudflare's service. */
import type { UserError } from "../../errors.ts";

export type Method = "GET" | "GET_BULK" | "PUT" | "DELETE";

/** A refusal as workerd words it: `KV PUT failed: 413 Value length of …`. The worker sees a plain `Error`. */
export class KVRefusal extends Error {
  /** What is wrong, without the operation and the status. */
  readonly reason: string;
  /** The store's trouble, where that is the reason. */
  readonly trouble: UserError | undefined;

  constructor(method: Method, status: number, reason: string, trouble?: UserError) {
    super(`KV ${method} failed: ${status} ${reason}`);
    this.reason = reason;
    this.trouble = trouble;
  }
}

export function refuse(method: Method, status: number, message: string): never {
  throw new KVRefusal(method, status, message);
}
