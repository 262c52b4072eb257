import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { KVStore, StoreFactories } from "../../src/index.ts";
import { eachEngine } from "../helpers/each-engine.ts";
import { temporaryFolder } from "../storage/temporary-folder.ts";

const { InvalidCursorError, MemoryKVStore, UserError } = (await import(
  "../../dist/index.js" as string
)) as typeof import("../../src/index.ts");

const script = `export default {
  put: ({ KV }, key, value) => KV.put(key, value),
  get: ({ KV }, key) => KV.get(key),
  keys: async ({ KV }, options) => (await KV.list(options)).keys.map(({ name }) => name),
  other: ({ OTHER }, key) => OTHER.get(key),
  async cached() {
    const request = new Request("https://example.com/");
    await caches.default.put(request, new Response("kept", { headers: { "Cache-Control": "max-age=60" } }));
    return (await caches.default.match(request))?.text();
  },
};`;
const bindings = [
  { type: "kv", name: "KV", id: "mine" },
  { type: "kv", name: "SAME", id: "mine" },
  { type: "kv", name: "OTHER", id: "theirs" },
];

/** A store that notes its calls, in front of another. */
function noting(inner: KVStore, calls: string[]): KVStore {
  const note = (call: string): KVStore => {
    calls.push(call);
    return inner;
  };
  return {
    get: key => note(`get ${key}`).get(key),
    put: (key, value, options) => note(`put ${key}`).put(key, value, options),
    delete: key => note(`delete ${key}`).delete(key),
    list: options => note("list").list(options),
    close: () => note("close").close(),
  };
}

eachEngine("stores of one's own", (_, { load }) => {
  const start = (stores: StoreFactories, stateDir = temporaryFolder()) =>
    load({ script, bindings, stateDir, stores });

  test("stand behind the bindings of an id, and the state folder behind the others", async () => {
    const stateDir = temporaryFolder();
    const [asked, calls]: [string[], string[]] = [[], []];
    const worker = await start(
      {
        kv: (id, standard) => {
          asked.push(id);
          return id === "mine" ? noting(new MemoryKVStore(), calls) : standard();
        },
      },
      stateDir,
    );
    expect(asked).toEqual([]);
    await worker.invoke("put", "a", "1");
    expect(await worker.invoke("get", "a")).toBe("1");
    expect(await worker.invoke("get", "none")).toBe(null);
    expect(await worker.invoke("keys", {})).toEqual(["a"]);
    expect(await worker.invoke("other", "a")).toBe(null);
    await worker.dispose();
    expect(asked).toEqual(["mine", "theirs"]);
    expect(calls).toEqual(["put a", "get a", "get none", "list", "close"]);
    expect(existsSync(join(stateDir, "kv", "mine.sqlite"))).toBe(false);
    expect(existsSync(join(stateDir, "kv", "theirs.sqlite"))).toBe(true);
  });

  test("may wrap that of the state folder; limits are in front of them", async () => {
    const calls: string[] = [];
    const worker = await start({ kv: (_, standard) => noting(standard(), calls) });
    await worker.invoke("put", "large", "x".repeat(300_000));
    expect(await worker.invoke("get", "large")).toBe("x".repeat(300_000));
    await expect(worker.invoke("put", "x".repeat(513), "")).rejects.toThrow(
      "exceeds key length limit of 512",
    );
    await worker.dispose();
    expect(calls).toEqual(["put large", "get large", "close"]);
  });

  test("that fail are heard of by the worker", async () => {
    const broken = noting(new MemoryKVStore(), []);
    broken.get = async () => {
      throw new RangeError("the network is down");
    };
    broken.list = async () => {
      throw new InvalidCursorError();
    };
    broken.put = async () => {
      throw new UserError("STATE_UNAVAILABLE", "The server is away.", "Start it.");
    };
    const worker = await start({ kv: () => broken });
    await expect(worker.invoke("get", "a")).rejects.toThrow("the network is down");
    await expect(worker.invoke("keys", { cursor: "x" })).rejects.toThrow("KV GET failed: 400 Invalid cursor");
    await expect(worker.invoke("put", "a", "b")).rejects.toThrow(
      "KV PUT failed: 500 The server is away. Start it.",
    );
    await worker.dispose();
  });

  test("that are no stores are refused", async () => {
    const worker = await start({ kv: () => ({ get: async () => null }) as never });
    await expect(worker.invoke("get", "a")).rejects.toThrow(
      'stores.kv("mine") returned something that is no store: it lacks put, delete, list, close.',
    );
    await worker.dispose();
    await expect(start({ KV: () => null } as never)).rejects.toThrow(UserError);
    await expect(start({ kv: new Map() } as never)).rejects.toThrow("stores.kv is not a function.");
  });

  test("the cache's", async () => {
    const names: string[] = [];
    const worker = await start({
      cache: (id, standard) => {
        const store = standard();
        return {
          match(...args) {
            names.push(id, args[0]);
            return store.match(...args);
          },
          put: (...args) => store.put(...args),
          delete: (...args) => store.delete(...args),
          clear: cache => store.clear(cache),
          close: () => store.close(),
        };
      },
    });
    expect(await worker.invoke("cached")).toBe("kept");
    expect(names).toEqual(["caches", "default"]);
    await worker.dispose();
  });
});
