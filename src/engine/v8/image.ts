/** The guest library for V8: its script, with V8's own code cache so that nothing is parsed or compiled again. */
import type ivm from "isolated-vm";
import { builtFiles, readGuest } from "../built-files.ts";
import { readImage, writeImage } from "../image.ts";

/** What compiling with a code cache adds to the script. */
interface CacheOutcome {
  readonly cachedData?: ivm.ExternalCopy<ArrayBuffer>;
  readonly cachedDataRejected?: boolean;
}

export interface GuestImage {
  /** Compiles the library, on the isolate's thread. */
  compile(isolate: ivm.Isolate): Promise<ivm.Script>;
  /** Makes a code cache, if there is none: after a run, so that the functions which start-up calls are in it, compiled. */
  keep(isolate: ivm.Isolate): Promise<void>;
}

/**
 * Reads the library and its code cache; makes the cache when there is none. A startup snapshot would be about as fast,
 * but one made by another build of V8 brings the process down, where a foreign code cache is merely refused.
 */
export function loadGuestImage(vm: typeof ivm): GuestImage {
  const files = builtFiles();
  const key = `v8-${process.versions.v8}-${process.arch}-${files.fingerprint}`;
  const kept = readImage(key);
  const code = readGuest(files);
  const copyOf = (bytes: Uint8Array) => new vm.ExternalCopy(new Uint8Array(bytes).buffer);
  let cachedData = kept && copyOf(kept);
  const origin = { filename: "worker:guest" };
  return {
    async compile(isolate) {
      if (cachedData === undefined) return isolate.compileScript(code, origin);
      const script: ivm.Script & CacheOutcome = await isolate.compileScript(code, { ...origin, cachedData });
      if (script.cachedDataRejected) cachedData = undefined;
      return script;
    },
    async keep(isolate) {
      if (cachedData !== undefined) return;
      const options = { ...origin, produceCachedData: true };
      const { cachedData: made } = (await isolate.compileScript(code, options)) as ivm.Script & CacheOutcome;
      if (made === undefined) return;
      const bytes = new Uint8Array(made.copy());
      cachedData = copyOf(bytes);
      void writeImage(key, bytes);
    },
  };
}
