/** The global `Cloudflare` (https://developers.cloudflare.com/workers/configuration/compatibility-flags/#cloudflare-compatibilityflags). */
import { callSync } from "../../../guest/host.ts";
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";
import type { WorkerSettings } from "../contract.ts";

let constructing = false;
let settings: WorkerSettings | undefined;

/** Tells what worker the isolate has become. */
export function describeWorker(described: WorkerSettings): void {
  settings = described;
}

class Cloudflare {
  #flags: Readonly<Record<string, boolean>> | undefined;

  constructor() {
    if (!constructing) throw illegalConstructor();
  }

  /** Every flag of workerd's, and whether the worker's compatibility date or its own flags turn it on. */
  get compatibilityFlags(): Readonly<Record<string, boolean>> {
    if (!(#flags in this)) throw illegalInvocation();
    if (this.#flags === undefined) {
      const { compatibilityDate: date = "", compatibilityFlags: flags = [] } = settings ?? {};
      const states = callSync("worker.compatibilityFlags", date, flags);
      this.#flags = Object.freeze(Object.assign(Object.create(null), states));
    }
    return this.#flags as Readonly<Record<string, boolean>>;
  }
}
exposeInterface(Cloudflare, "Cloudflare");

function create(): Cloudflare {
  constructing = true;
  try {
    return new Cloudflare();
  } finally {
    constructing = false;
  }
}

export const cloudflare = create();
