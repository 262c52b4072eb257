/** The global object itself: what it is, and that nothing of ours shows. */
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { eachEngine } from "../helpers/each-engine.ts";
import { readSurface } from "./declarations.ts";

const surface = readSurface();

/** Names of ECMAScript, which a bare context has, and those of workers. */
const EXPECTED = new Set<string>([
  ...(runInNewContext("Object.getOwnPropertyNames(globalThis)") as string[]),
  ...surface.classes.keys(),
  ...surface.functions.keys(),
  ...surface.values.keys(),
  "ServiceWorkerGlobalScope",
]);

eachEngine("The global object", (run, { load }) => {
  test("has no names but those of ECMAScript and of workers", async () => {
    const { names, symbols } = await run(() => ({
      names: Object.getOwnPropertyNames(globalThis),
      symbols: Object.getOwnPropertySymbols(globalThis).map(String),
    }));
    expect(names.filter(name => !EXPECTED.has(name))).toEqual([]);
    expect(symbols).toEqual([]);
  });

  test("is a ServiceWorkerGlobalScope", async () => {
    const outcome = await run(() => {
      const scope = globalThis as unknown as Record<string, { readonly prototype: object }>;
      const chain: string[] = [];
      for (
        let object = Object.getPrototypeOf(globalThis);
        object !== null;
        object = Object.getPrototypeOf(object)
      ) {
        chain.push((object as object).constructor.name);
      }
      const refusal = (Class: unknown) => {
        try {
          return String(new (Class as new () => object)());
        } catch (error) {
          return String(error);
        }
      };
      return {
        chain,
        text: Object.prototype.toString.call(globalThis),
        own: String(globalThis),
        self: [scope["self"] === (globalThis as unknown), typeof scope["self"], "window" in globalThis],
        listens: [typeof addEventListener, globalThis instanceof EventTarget],
        refusals: [refusal(scope["ServiceWorkerGlobalScope"]), refusal(scope["WorkerGlobalScope"])],
        origin: scope["origin"] as unknown as string,
      };
    });
    expect(outcome).toEqual({
      chain: ["ServiceWorkerGlobalScope", "WorkerGlobalScope", "EventTarget", "Object"],
      text: "[object ServiceWorkerGlobalScope]",
      own: "[object ServiceWorkerGlobalScope]",
      self: [true, "object", false],
      listens: ["function", true],
      refusals: ["TypeError: Illegal constructor", "TypeError: Illegal constructor"],
      origin: "null",
    });
  });

  test("can be changed by a worker, as on workerd", async () => {
    const worker = await load({
      script: `
        "use strict";
        const before = Object.keys(globalThis).sort();
        globalThis.crypto = { mine: true };
        globalThis.fetch = () => "mine";
        globalThis.Response = class Mine extends Response {};
        self.extra = 1;
        let refused;
        try { globalThis.origin = "mine"; } catch (error) { refused = error.name; }
        export default {
          run: () => [crypto.mine, fetch(), Response.name, extra, refused, before.includes("fetch"), before.includes("Blob")],
        };
      `,
    });
    expect(await worker.invoke("run")).toEqual([true, "mine", "Mine", 1, "TypeError", true, false]);
  });

  test("shows a worker nothing of the loader", async () => {
    const worker = await load({
      script: `
        const seen = ["__host", "__guest", "__enter", "builtins", "register"].filter(name => name in globalThis);
        export default { run: () => [seen, typeof __guest, typeof __host] };
      `,
    });
    expect(await worker.invoke("run")).toEqual([[], "undefined", "undefined"]);
  });

  test("tells which compatibility flags are on", async () => {
    const read = async (compatibilityDate: string, compatibilityFlags: string[]) => {
      const worker = await load({
        compatibilityDate,
        compatibilityFlags,
        script: `
          const flags = Cloudflare.compatibilityFlags;
          export default {
            run: (env, ...names) => [
              ...names.map(name => flags[name]),
              Object.isFrozen(flags), flags === Cloudflare.compatibilityFlags, "toString" in flags,
            ],
          };
        `,
      });
      return worker.invoke(
        "run",
        "url_standard",
        "rpc",
        "nodejs_compat",
        "nodejs_zlib",
        "experimental",
        "none",
      );
    };
    expect(await read("2022-10-30", [])).toEqual([
      false,
      false,
      false,
      false,
      false,
      null,
      true,
      true,
      false,
    ]);
    expect(await read("2024-09-23", ["nodejs_compat", "url_original"])).toEqual([
      false,
      true,
      true,
      true,
      false,
      null,
      true,
      true,
      false,
    ]);
    expect(await read("2026-11-17", ["no_nodejs_compat"])).toEqual([
      true,
      true,
      false,
      true,
      false,
      null,
      true,
      true,
      false,
    ]);
  });
});
