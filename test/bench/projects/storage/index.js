/**
 * Work for the stores: each path does one operation `times` times, `atOnce` of them at once, and answers with how many
 * were as they should be. Both come in the query.
 */
const KIB = 1024;
const MIB = 1024 * KIB;

const small = "0123456789abcdef".repeat(64);
const large = new Uint8Array(10 * MIB).fill(7);
const CACHED = "https://cache.example/";

/** What must be there before an operation can be measured. */
const preparations = {
  "/kv-get": ({ KV }) => KV.put("read", small),
  "/r2-get": ({ R2 }) => R2.put("read", small),
  "/r2-get-large": ({ R2 }) => R2.put("read-large", large),
  "/d1-insert": ({ D1 }) => createTable(D1),
  "/d1-select": async ({ D1 }) => {
    await createTable(D1);
    await D1.prepare("INSERT OR REPLACE INTO entries (id, value) VALUES (1, ?)").bind(small).run();
  },
  "/cache-match": () => caches.default.put(`${CACHED}read`, cacheable()),
};

/** Each does one operation, the n-th, and tells whether it went well. */
const operations = {
  "/kv-put": async ({ KV }, n) => (await KV.put(`written-${n}`, small)) === undefined,
  "/kv-get": async ({ KV }) => (await KV.get("read")).length === small.length,
  "/r2-put": async ({ R2 }, n) => (await R2.put(`written-${n}`, small)).size === small.length,
  "/r2-get": async ({ R2 }) => (await (await R2.get("read")).text()).length === small.length,
  "/r2-put-large": async ({ R2 }, n) =>
    (await R2.put(`written-large-${n % 4}`, large)).size === large.byteLength,
  "/r2-get-large": async ({ R2 }) =>
    (await (await R2.get("read-large")).arrayBuffer()).byteLength === large.byteLength,
  "/d1-insert": async ({ D1 }) =>
    (await D1.prepare("INSERT INTO entries (value) VALUES (?)").bind(small).run()).meta.changes === 1,
  "/d1-select": async ({ D1 }) =>
    (await D1.prepare("SELECT value FROM entries WHERE id = ?").bind(1).first("value")).length ===
    small.length,
  "/cache-put": async (_env, n) =>
    (await caches.default.put(`${CACHED}written-${n}`, cacheable())) === undefined,
  "/cache-match": async () =>
    (await (await caches.default.match(`${CACHED}read`)).text()).length === small.length,
  "/asset": async ({ ASSETS }) =>
    (await (await ASSETS.fetch("https://assets.example/page.txt")).text()).length === small.length,
};

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/") return new Response("ready");
    if (searchParams.has("prepare")) {
      await preparations[pathname]?.(env);
      return new Response("prepared");
    }
    const operation = operations[pathname];
    const times = Number(searchParams.get("times"));
    let next = 0;
    let done = 0;
    const work = async () => {
      while (next < times) if (await operation(env, next++)) done++;
    };
    await Promise.all(Array.from({ length: Number(searchParams.get("atOnce")) }, work));
    return new Response(String(done));
  },
};

function cacheable() {
  return new Response(small, { headers: { "Cache-Control": "max-age=3600" } });
}

function createTable(D1) {
  return D1.prepare("CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, value TEXT)").run();
}
