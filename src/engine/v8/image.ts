/** The guest library for V8: its script, with V8's own code cache so that nothing is parsed or compiled again. */
import type ivm from "isolated-vm";
import { guestScript } from "../guest-script.ts";
import { readImage, writeImage } from "../image.ts";

/** What compiling with a code cache adds to the script. */
interface CacheOutcome {
  readonly cachedData?: ivm.ExternalCopy<ArrayBuffer>;
  readonly cachedDataRejected?: boolean;
}

export interface GuestImage {
  /** Evaluates the library in a context of an isolate. */
  evaluate(isolate: ivm.Isolate, context: ivm.Context): void;
}

/**
 * Reads the library and its code cache; makes the cache when there is none. A startup snapshot would be about as fast,
 * but one made by another build of V8 brings the process down, where a foreign code cache is merely refused.
 */
export async function loadGuestImage(vm: typeof ivm): Promise<GuestImage> {
  const { code, fingerprint } = guestScript();
  const key = `v8-${process.versions.v8}-${process.arch}-${fingerprint}`;
  let cachedData = await readImage(key);
  const compile = (isolate: ivm.Isolate) => {
    const origin = { filename: "worker:guest" };
    if (cachedData === undefined) return isolate.compileScriptSync(code, origin);
    const source = new vm.ExternalCopy(cachedData.slice().buffer);
    const script: ivm.Script & CacheOutcome = isolate.compileScriptSync(code, {
      ...origin,
      cachedData: source,
    });
    if (script.cachedDataRejected) cachedData = undefined;
    return script;
  };
  return {
    evaluate(isolate, context) {
      const script = compile(isolate);
      script.runSync(context);
      if (cachedData !== undefined) return;
      // After the run, so that the functions which start-up calls are in it, compiled.
      const options = { filename: "worker:guest", produceCachedData: true };
      const { cachedData: made } = isolate.compileScriptSync(code, options) as ivm.Script & CacheOutcome;
      if (made === undefined) return;
      cachedData = new Uint8Array(made.copy());
      void writeImage(key, cachedData);
    },
  };
}
