/** `navigator` (https://developers.cloudflare.com/workers/runtime-apis/web-standards/#navigatoruseragent). */
import { currentExecution, waitUntil } from "../../guest/execution.ts";
import {
  exposeInterface,
  illegalConstructor,
  illegalInvocation,
  requireArguments,
  USVString,
} from "../../guest/webidl.ts";
import { fetch } from "../fetch/guest/fetch.ts";

type Beacon = Parameters<typeof fetch>[1] extends infer Init ? NonNullable<Init> : never;

let constructing = false;

/** What runs the worker. As on workerd, the facts are properties of the instance. */
export class Navigator {
  declare readonly userAgent: string;
  declare readonly hardwareConcurrency: number;
  declare readonly platform: string;
  declare readonly language: string;
  declare readonly languages: readonly string[];
  readonly #brand = true;

  constructor() {
    if (!constructing) throw illegalConstructor();
    const facts = {
      languages: Object.freeze(["en"]),
      language: "en",
      platform: "",
      hardwareConcurrency: 1,
      userAgent: "Cloudflare-Workers",
    };
    for (const [key, value] of Object.entries(facts)) {
      Object.defineProperty(this, key, { value, enumerable: true, configurable: true });
    }
  }

  /** Sends data by POST, and does not wait: the event stays alive until it is sent. False outside of events. */
  sendBeacon(url: string, body: unknown = undefined): boolean {
    if (!(#brand in this)) throw illegalInvocation();
    const where = "Failed to execute 'sendBeacon' on 'Navigator'";
    requireArguments(arguments.length, 1, where);
    const target = USVString(url, `${where}: parameter 1`);
    const execution = currentExecution();
    if (execution === undefined) return false;
    const init = body === undefined || body === null ? { method: "POST" } : { method: "POST", body };
    waitUntil(execution, fetch(target, init as Beacon));
    return true;
  }
}

function createNavigator(): Navigator {
  constructing = true;
  try {
    return new Navigator();
  } finally {
    constructing = false;
  }
}

exposeInterface(Navigator);

export const navigator = createNavigator();
