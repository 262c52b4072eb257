/** The same requests to the same worker have the same answers, byte for byte, on both engines. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { ENGINES } from "../helpers/each-engine.ts";
import { exchange, folderWith, startServer } from "../helpers/server.ts";

const STANDARDS = `
const tests = {
  url: () => ["http://EXAMPLE.com:80/a/../b?c=d#e", "http://ex\\u00e4mple.com/\\u00e4 b?\\u00fc", "file:///C|/x", "http://[::1]:8080/", "HTTP://1.1.1/"].map(u => { const { href, host, pathname, search, hash, origin } = new URL(u); return { href, host, pathname, search, hash, origin }; }),
  badUrl: () => { try { new URL("http://a b"); } catch (e) { return [e.name, e.message]; } },
  params: () => { const p = new URLSearchParams("b=2&a=1&c=%20+%zz"); p.append("d", "\\ud800"); p.sort(); return [String(p), [...p]]; },
  headers: () => { const h = new Headers([["B", "2"], ["a", " 1 "], ["b", "3"], ["set-cookie", "x"], ["set-cookie", "y"]]); return [[...h], h.getSetCookie(), h.get("b")]; },
  badHeader: () => { try { new Headers({ "a b": "c" }); } catch (e) { return [e.name, e.message]; } },
  request: async () => { const r = new Request("http://x/", { method: "post", body: new URLSearchParams({ a: "1" }) }); return [r.method, [...r.headers], await r.clone().text(), await (await r.formData()).get("a")]; },
  form: async () => { const f = new FormData(); f.append("a", "1"); f.append("f", new File(["x"], "n.txt", { type: "text/plain" })); const copy = await new Response(f).formData(); const file = copy.get("f"); return [copy.get("a"), file.name, file.type, await file.text()]; },
  blob: async () => { const b = new Blob(["h\\u00e9llo", new Uint8Array([1, 2])], { type: "A/B" }); return [b.size, b.type, [...new Uint8Array(await b.slice(1, 5).arrayBuffer())]]; },
  encode: () => [[...new TextEncoder().encode("\\ud83d\\ude00\\ud800")], new TextDecoder("utf-16le").decode(new Uint8Array([65, 0, 0, 216])), new TextDecoder("windows-1252").decode(new Uint8Array([128, 150])), btoa("\\xff\\xfe"), atob(" YQ == ")],
  clone: () => { const o = { m: new Map([[1, new Set(["a"])]]), d: new Date(0), r: /x/gi, e: new RangeError("m"), b: new Uint8Array([1]) }; o.self = o; const c = structuredClone(o); return [c.self === c, [...c.m.get(1)], c.d.toISOString(), String(c.r), c.e.name, c.b[0]]; },
  badClone: () => { try { structuredClone(() => {}); } catch (e) { return [e.name, e.code, e.constructor.name]; } },
  events: () => { const t = new EventTarget(), log = []; t.addEventListener("a", e => { log.push(e.type, e.cancelable); e.preventDefault(); }, { once: true }); log.push(t.dispatchEvent(new Event("a", { cancelable: true })), t.dispatchEvent(new Event("a"))); return log; },
  abort: () => { const c = new AbortController(); const s = AbortSignal.any([c.signal]); c.abort(); return [s.aborted, s.reason.name, s.reason.message, s.reason.code]; },
  streams: async () => { const out = []; const t = new TransformStream({ transform(c, k) { k.enqueue(c * 2); }, flush(k) { k.enqueue("end"); } }); const w = t.writable.getWriter(); w.write(1); w.write(2); w.close(); for await (const c of t.readable) out.push(c); return out; },
  tee: async () => { const [a, b] = new Response("teed").body.tee(); return [await new Response(a).text(), await new Response(b).text()]; },
  gzip: async () => await new Response(new Blob(["zip ".repeat(100)]).stream().pipeThrough(new CompressionStream("gzip")).pipeThrough(new DecompressionStream("gzip"))).text(),
  digest: async () => [...new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode("abc")))],
  hmac: async () => { const k = await crypto.subtle.importKey("raw", new Uint8Array(16), { name: "HMAC", hash: "SHA-512" }, false, ["sign"]); return [...new Uint8Array(await crypto.subtle.sign("HMAC", k, new Uint8Array(3)))]; },
  order: async () => { const log = []; setTimeout(() => log.push("timeout"), 0); queueMicrotask(() => log.push("microtask")); Promise.resolve().then(() => log.push("promise")); log.push("sync"); await new Promise(r => setTimeout(r, 5)); return log; },
  dates: () => [new Date(0).toString(), new Date(2020, 6, 1, 12).toISOString(), new Date(0).getTimezoneOffset()],
  globals: () => Object.getOwnPropertyNames(globalThis).filter(n => !["WebAssembly", "Intl", "Atomics", "Iterator", "Temporal", "FinalizationRegistry", "WeakRef", "SharedArrayBuffer", "Float16Array", "DisposableStack", "AsyncDisposableStack", "SuppressedError", "escape", "unescape"].includes(n)).sort(),
  errors: () => [String(new DOMException("m", "AbortError")), Object.prototype.toString.call(new Response()), String(new Headers()), typeof Response, Response.length, Response.name],
  typeErrors: () => [() => new Response('', { status: 99 }), () => new Response('', { status: 204, statusText: 'x' }).json(), () => new Request('nope'), () => new Request('http://x/', { method: 'TRACE' }), () => Response.redirect('http://x/', 200), () => new ReadableStream({ type: 'x' }), () => new URLSearchParams([['a']]), () => structuredClone()].map(make => { try { return String(make()); } catch (e) { return [e.name, e.message]; } }),
};
export default { async fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname === "/names") return Response.json(Object.keys(tests));
  if (pathname === "/echo") return new Response(request.body, { headers: { "x-method": request.method, "content-type": request.headers.get("content-type") ?? "" } });
  if (pathname === "/redirect") return Response.redirect("http://example.com/\\u00e4", 307);
  if (pathname === "/status") return new Response(null, { status: 299, statusText: "Own Text" });
  if (pathname === "/throw") throw new TypeError("thrown");
  return Response.json((await tests[pathname.slice(1)]()) ?? null);
} };`;

type Ask = (request: string, body?: string, headers?: string) => Promise<string>;

async function onEach(folder: string, ask: (ask: Ask) => Promise<void>): Promise<void> {
  const answers = await Promise.all(
    ENGINES.map(async engine => {
      const state = mkdtempSync(join(tmpdir(), "worker-state-"));
      onTestFinished(() => rmSync(state, { recursive: true, force: true }));
      const server = await startServer(
        folder,
        "run",
        "--engine",
        engine,
        "--isolates",
        "1",
        "--persist-to",
        state,
      );
      onTestFinished(async () => void (await server.stop()));
      const answers: [request: string, answer: string][] = [];
      await ask(async (request, body, headers = "") => {
        const length = body === undefined ? "" : `Content-Length: ${body.length}\r\n`;
        const text = `${request} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${length}${headers}\r\n${body ?? ""}`;
        const answer = await exchange(server.port, text);
        answers.push([request, answer.replace(/^Date: .*\r\n/im, "")]);
        return answer;
      });
      return answers;
    }),
  );
  const [first = [], second = []] = answers;
  expect(first.length).toBeGreaterThan(20);
  const name = /[0-9a-f]{8}-[0-9a-f-]{27}/g;
  const same = (list: typeof first) =>
    list.map(([request, answer]) => [
      request.replace(name, "<uuid>"),
      answer.replace(name, "<uuid>").replace(/"createdAt":\d+/g, '"createdAt":0'),
    ]);
  expect(same(first)).toEqual(same(second));
}

test("the standards", async () => {
  const folder = folderWith({
    "index.js": STANDARDS,
    "wrangler.json": `{ "main": "index.js", "compatibility_date": "2026-11-01" }`,
  });
  await onEach(folder, async ask => {
    const names = /\[".*"\]/.exec(await ask("GET /names"))?.[0] ?? "[]";
    for (const name of JSON.parse(names) as string[])
      expect(await ask(`GET /${name}`)).toMatch(/^HTTP\/1\.1 200 /);
    for (const method of ["POST", "PUT", "PATCH", "DELETE"])
      await ask(`${method} /echo`, "body", "Content-Type: text/plain\r\n");
    for (const path of ["/redirect", "/status", "/throw", "/none"]) await ask(`GET ${path}`);
    await ask("HEAD /globals");
    await ask("OPTIONS /echo");
  });
});

test("the template with Hono", async () => {
  await onEach(fileURLToPath(new URL("../../templates/hono", import.meta.url)), async ask => {
    const json = "Content-Type: application/json\r\n";
    await ask("GET /");
    await ask("HEAD /");
    await ask("GET /none");
    for (let note = 0; note < 5; note++) {
      const created = await ask("POST /notes", JSON.stringify({ text: `note ${note}` }), json);
      expect(created).toMatch(/^HTTP\/1\.1 201 /);
      const id = /"id":"([^"]+)"/.exec(created)?.[1];
      await ask(`GET /notes/${id}`);
      if (note % 2) await ask(`DELETE /notes/${id}`);
      await ask(`GET /notes/${id}`);
    }
    await ask("POST /notes", "{}", json);
    await ask("POST /notes", "not JSON", json);
    await ask("PUT /notes", "{}", json);
    await ask("GET /notes/..%2f");
    await ask("OPTIONS /notes");
    await ask("POST /notes", `{"text":"  "}`, json);
  });
});
