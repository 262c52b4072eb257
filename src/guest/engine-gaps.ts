/** The parts of ECMAScript that workerd's V8 has and the engine at hand lacks. */
import { fillAtomics } from "./engine-gaps/atomics.ts";
import { fillBase64 } from "./engine-gaps/base64.ts";
import { fillTimeZoneName } from "./engine-gaps/dates.ts";
import { fillDisposal } from "./engine-gaps/disposal.ts";
import { fillErrorStacks, lacksErrorStacks } from "./engine-gaps/errors.ts";
import { fillArrayFromAsync, fillSumPrecise } from "./engine-gaps/iteration.ts";
import { trackProxies } from "./engine-gaps/proxies.ts";
import { fillRawJSON } from "./engine-gaps/raw-json.ts";

/** Adds what is missing to the global objects. What the engine has stays the engine's. */
export function fillEngineGaps(): void {
  if (lacksErrorStacks()) fillErrorStacks();
  trackProxies();
  fillDisposal();
  fillArrayFromAsync();
  fillSumPrecise();
  fillBase64();
  fillRawJSON();
  fillAtomics();
  fillTimeZoneName();
}
