import { KVHost } from "../kv/host.ts";
import type { SiteBinding } from "./settings.ts";
import { SiteStore } from "./store.ts";

/** The namespace of a site. */
export function openSite(binding: SiteBinding): KVHost {
  return new KVHost(new SiteStore(binding.site), { now: Date.now });
}
