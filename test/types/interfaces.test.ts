/** Objects that workers are handed, against the interfaces that `@cloudflare/workers-types` declares for them. */
import { expect, test } from "vitest";
import { eachEngine } from "../helpers/each-engine.ts";
import { readSurface } from "./declarations.ts";

const { interfaces } = readSurface();

/** Members that only the flag `experimental` brings, which Cloudflare deploys no worker with. */
const EXPERIMENTAL = ["KVNamespace.deleteBulk", "Socket.protocol", "Socket.proxyTo"];

function declared(names: readonly string[]): [name: string, members: string[]][] {
  return names.map(name => {
    const members = (interfaces.get(name) ?? []).filter(({ optional }) => !optional);
    if (members.length === 0) throw new Error(`there is no interface ${name}`);
    return [name, members.map(member => member.name)];
  });
}

/** A worker whose function `run` returns the members that its objects lack. */
const comparing = (objects: string) => `
  ${objects}
  const keyOf = name => name.startsWith("@@") ? Symbol[name.slice(2)] : name;
  const lacking = (objects, [name, members]) =>
    members.filter(member => !(name in objects) || !(keyOf(member) in objects[name])).map(member => name + "." + member);
  export default { run: async (env, expected) => { const found = await objectsOf(env); return expected.flatMap(entry => lacking(found, entry)); } };
`;

eachEngine("The objects that workers are handed", (_run, { load }) => {
  test("by an HTMLRewriter", async () => {
    const worker = await load({
      script: comparing(`
        async function objectsOf() {
          const found = {};
          const rewriter = new HTMLRewriter()
            .on("p", {
              element(element) { found.Element = element; element.onEndTag(tag => { found.EndTag = tag; }); },
              text(text) { found.Text = text; },
              comments(comment) { found.Comment = comment; },
            })
            .onDocument({ doctype(doctype) { found.Doctype = doctype; }, end(end) { found.DocumentEnd = end; } });
          await rewriter.transform(new Response("<!doctype html><p>text<!--comment--></p>")).text();
          return found;
        }
      `),
    });
    const expected = declared(["Element", "EndTag", "Text", "Comment", "Doctype", "DocumentEnd"]);
    expect(await worker.invoke("run", expected)).toEqual([]);
  });

  test("by bindings, modules and timers", async () => {
    const worker = await load({
      bindings: [{ type: "kv", name: "KV" }],
      script: comparing(`
        import { connect } from "cloudflare:sockets";
        function objectsOf(env) {
          const socket = connect("127.0.0.1:1");
          for (const promise of [socket.opened, socket.closed]) promise.catch(() => {});
          const immediate = setImmediate(() => {});
          return { KVNamespace: env.KV, Socket: socket, Immediate: immediate, Scheduler: scheduler };
        }
      `),
    });
    const lacking = await worker.invoke("run", declared(["KVNamespace", "Socket", "Immediate", "Scheduler"]));
    expect(lacking).toEqual(EXPERIMENTAL);
  });

  test("by the scheduled event", async () => {
    const lines: string[] = [];
    const [[, members]] = declared(["ScheduledController"]) as [[string, string[]]];
    const worker = await load({
      onConsole: (_level, text) => lines.push(text),
      script: `
        export default {
          scheduled(controller) { console.log(${JSON.stringify(members)}.filter(name => !(name in controller)).length); },
        };
      `,
    });
    await worker.scheduled();
    expect(lines).toEqual(["0"]);
  });
});
