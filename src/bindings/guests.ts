/** The rooms' guest sides joined: the handlers of events, and the objects on `env`. One line per room. */
import type { Execution } from "../guest/execution.ts";
import { findHandler, invoke, listensFor } from "../guest/worker.ts";
import { serveFetch } from "../web/fetch/guest/serve.ts";
import { createAnalyticsEngine } from "./analytics-engine/guest.ts";
import { createAssets } from "./assets/guest.ts";
import type { BindingDescriptor, Events } from "./contracts.ts";
import { serveScheduled } from "./cron/guest.ts";
import { createD1Database } from "./d1/guest.ts";
import { serveEmail } from "./email/guest/incoming.ts";
import { createSendEmail } from "./email/guest/send-email.ts";
import { createHyperdrive } from "./hyperdrive/guest.ts";
import { createKVNamespace } from "./kv/guest.ts";
import { createR2Bucket } from "./r2/guest/bucket.ts";
import { createRateLimit } from "./ratelimit/guest.ts";
import { createSecretsStoreSecret } from "./secrets-store/guest.ts";
import { createUnavailable } from "./unavailable/guest.ts";
import { createVar } from "./vars/guest.ts";
import { dispatchFetchEvent } from "./worker/guest/fetch-event.ts";
import { resultToJson } from "./worker/guest/invoke.ts";

type EventHandlers = {
  readonly [K in keyof Events]: (execution: Execution, args: Parameters<Events[K]>) => Promise<unknown>;
};

const handlers: EventHandlers = {
  fetch: (execution, args) => {
    const entrypoint = args[5];
    if (entrypoint === null && listensFor("fetch")) {
      return serveFetch(execution, args, request => dispatchFetchEvent(execution, request));
    }
    return serveFetch(execution, args, findHandler(execution, "fetch", entrypoint));
  },
  scheduled: (execution, args) => serveScheduled(execution, args),
  email: (execution, args) => serveEmail(execution, args),
  invoke: async (execution, [name, args, entrypoint]) => [
    resultToJson(await invoke(execution, name, JSON.parse(args) as unknown[], entrypoint)),
  ],
};

/** By the event's type. A handler returns a promise of the result, or throws. */
export const eventHandlers = handlers as unknown as Readonly<
  Record<string, ((execution: Execution, args: unknown[]) => Promise<unknown>) | undefined>
>;

const bindings: Readonly<Record<string, (descriptor: BindingDescriptor) => unknown>> = {
  analytics_engine: createAnalyticsEngine,
  assets: createAssets,
  d1: createD1Database,
  hyperdrive: createHyperdrive,
  kv: createKVNamespace,
  r2: createR2Bucket,
  ratelimit: createRateLimit,
  secrets_store_secret: createSecretsStoreSecret,
  send_email: createSendEmail,
  unavailable: createUnavailable,
  var: createVar,
  version_metadata: createVar,
};

/** The object on `env` that a binding is. */
export function createBinding(descriptor: BindingDescriptor): unknown {
  const create = bindings[descriptor.type];
  if (create === undefined) throw new TypeError(`There is no binding of the type "${descriptor.type}".`);
  return create(descriptor);
}
