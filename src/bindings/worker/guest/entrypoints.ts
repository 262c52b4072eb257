/** The base classes of `cloudflare:workers` (https://developers.cloudflare.com/workers/runtime-apis/rpc/). */
import type { ExecutionContext } from "./context.ts";

/** Base class of a worker's named entrypoints. */
export class WorkerEntrypoint<Env = unknown> {
  protected readonly ctx: ExecutionContext;
  protected readonly env: Env;

  constructor(ctx: ExecutionContext, env: Env) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** Base class of a worker's Durable Objects. */
export class DurableObject<Env = unknown> {
  protected readonly ctx: unknown;
  protected readonly env: Env;

  constructor(ctx: unknown, env: Env) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** Base class of a worker's workflows. */
export class WorkflowEntrypoint<Env = unknown> {
  protected readonly ctx: ExecutionContext;
  protected readonly env: Env;

  constructor(ctx: ExecutionContext, env: Env) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** Base class of objects that are passed by reference in RPC. */
export class RpcTarget {}
