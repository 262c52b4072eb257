import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli, folder, startServer } from "../../helpers/cli.ts";
import { ENGINES } from "../../helpers/each-engine.ts";

const WORKER = `
import { EmailMessage } from "cloudflare:email";
export default {
  async email(message, env, ctx) {
    const action = message.headers.get("x-action") ?? "";
    const id = message.headers.get("message-id");
    const reply = fields => new EmailMessage(message.to, message.from,
      "From: " + message.to + "\\r\\nMessage-ID: <own@example.com>\\r\\n" + fields + "\\r\\nreplied");
    switch (action) {
      case "inspect": {
        const raw = await new Response(message.raw).text();
        return env.SEEN.put("inspect", JSON.stringify({
          from: message.from, to: message.to, size: message.rawSize, length: new TextEncoder().encode(raw).length,
          raw: raw.length < 1000 ? raw : raw.length, headers: [...message.headers], forwardable: message.canBeForwarded,
          tag: String(message), keys: Object.keys(message), ctx: typeof ctx.waitUntil,
        }));
      }
      case "reject": message.setReject("first"); message.setReject("no such user"); return;
      case "throw": throw new RangeError("the handler failed");
      case "forward": {
        const { messageId } = await message.forward("inbox@example.com", new Headers({ "X-Note": "seen" }));
        if (!/^<.{36}@example.com>$/.test(messageId)) throw new Error(messageId);
        return message.forward("other@example.com");
      }
      case "reply": return message.reply(reply("In-Reply-To: " + id + "\\r\\n"));
      case "reply-parts": return message.reply({ from: { name: "Bob", email: message.to }, subject: "Re", text: "thanks", headers: { References: "<x@y>" } });
      case "reply-none": return message.reply(reply(""));
      case "reply-other": return message.reply(reply("In-Reply-To: <x@y>\\r\\n"));
      case "reply-references": return message.reply(reply("In-Reply-To: " + id + "\\r\\nReferences: <x@y>\\r\\n"));
      case "reply-from": return message.reply(new EmailMessage("x@y.z", message.from, "From: a@b.c\\r\\n\\r\\n"));
      case "later": ctx.waitUntil((async () => { await 0; await message.forward("later@example.com"); })()); return;
      case "send": return env.MAIL.send({ from: message.to, to: message.from, subject: "On its own", text: "hello" });
    }
  },
  fetch: async (_, env) => new Response(await env.SEEN.get("inspect")),
};
`;

const PROJECT = {
  "wrangler.json": JSON.stringify({
    main: "index.js",
    send_email: [{ name: "MAIL" }],
    kv_namespaces: [{ binding: "SEEN" }],
  }),
  "index.js": WORKER,
};

const message = (action: string, fields = "") =>
  `From: Ada <ada@example.com>\r\nTo: Bob <bob@example.com>\r\nMessage-ID: <one@example.com>\r\nX-Action: ${action}\r\n${fields}\r\nbody\r\n`;
const QUERY = "?from=ada@example.com&to=bob@example.com";

describe.each(ENGINES)("the email handler (%s)", engine => {
  const cwd = folder(PROJECT);
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    server = await startServer(["dev", "--engine", engine], { cwd });
  });
  afterAll(async () => {
    server.signal("SIGTERM");
    await server.ended;
  });

  const post = (body: string | Buffer<ArrayBuffer>, query = QUERY, path = "/cdn-cgi/handler/email") =>
    fetch(`${server.url}${path}${query}`, { method: "POST", body });
  const answer = async (sent: Promise<Response>) => {
    const response = await sent;
    return [response.status, await response.text()];
  };
  const lastMessage = async () => {
    const { stdout } = await cli(["email", "list", "--json"], { cwd });
    return (JSON.parse(stdout) as { id: number; kind: string; file: string; [key: string]: unknown }[]).at(
      -1,
    );
  };

  test("sees the envelope, the header and the whole message", async () => {
    const text = message(
      "inspect",
      "Bcc: secret@example.com\r\nSubject: long\r\n line\r\nReceived: a\r\nReceived: b\r\n",
    );
    expect(await answer(post(text))).toEqual([200, "Worker successfully processed email"]);
    const seen = text.replace("Bcc: secret@example.com\r\n", "");
    expect(await (await fetch(server.url)).json()).toEqual({
      from: "ada@example.com",
      to: "bob@example.com",
      size: seen.length,
      length: seen.length,
      raw: seen,
      headers: [
        ["from", "Ada <ada@example.com>"],
        ["message-id", "<one@example.com>"],
        ["received", "a, b"],
        ["subject", "long line"],
        ["to", "Bob <bob@example.com>"],
        ["x-action", "inspect"],
      ],
      forwardable: true,
      tag: "[object ForwardableEmailMessage]",
      keys: [],
      ctx: "function",
    });
  });

  test("reads a large message as a stream", async () => {
    const text = `${message("inspect")}${"x".repeat(3_000_000)}`;
    expect(await answer(post(text))).toEqual([200, "Worker successfully processed email"]);
    expect(await (await fetch(server.url)).json()).toMatchObject({ size: text.length, length: text.length });
  });

  test("is not asked about what is no message", async () => {
    const incomplete = [
      400,
      expect.stringContaining("`from` and `to` addresses, as well as an email in the body"),
    ];
    expect(await answer(post(message(""), "?from=a@b.c"))).toEqual(incomplete);
    expect(await answer(post(message(""), "?to=a@b.c"))).toEqual(incomplete);
    expect(await answer(post(""))).toEqual(incomplete);
    expect(await answer(fetch(`${server.url}/cdn-cgi/handler/email${QUERY}`))).toEqual(incomplete);
    expect(await answer(post("From: a@b.c\r\n\r\n"))).toEqual([
      400,
      "Email could not be parsed: invalid or no message id provided",
    ]);
    expect(await answer(post(Buffer.alloc(25 * 1024 * 1024 + 1)))).toEqual([
      400,
      "Email message size is bigger than the production size limit of 25 MiB.",
    ]);
  });

  test("rejects, and says why", async () => {
    expect(await answer(post(message("reject")))).toEqual([
      400,
      "Worker rejected email with the following reason: no such user",
    ]);
    await server.says(/The email handler rejected the message: "no such user"/);
    const response = await post(message("reject"), `${QUERY}&format=json`);
    expect([response.status, await response.json()]).toEqual([
      200,
      { outcome: "ok", rejectReason: "no such user", forwards: [], replies: [] },
    ]);
  });

  test("throws, and the log has its stack", async () => {
    expect(await answer(post(message("throw")))).toEqual([
      500,
      "Worker failed to process the email: the handler failed",
    ]);
    await server.says(/RangeError: the handler failed\n.*index\.js/);
    const response = await post(message("throw"), `${QUERY}&format=json`);
    expect([response.status, await response.json()]).toMatchObject([500, { outcome: "exception" }]);
  });

  test("forwards, with headers of its own", async () => {
    const response = await post(message("forward"), `${QUERY}&format=json`, "/cdn-cgi/local/email");
    expect(await response.json()).toMatchObject({
      outcome: "ok",
      forwards: [
        { recipient: "inbox@example.com", headers: [["x-note", "seen"]] },
        { recipient: "other@example.com", headers: [] },
      ],
    });
    expect(await lastMessage()).toMatchObject({
      kind: "forwarded",
      from: "ada@example.com",
      to: ["other@example.com"],
    });
    const [, path = ""] = await server.says(/from ada@example\.com to inbox@example\.com forwarded: (.*)/);
    expect(readFileSync(path, "utf8")).toBe(`x-note: seen\r\n${message("forward")}`);
  });

  test("forwards in waitUntil, after its answer", async () => {
    expect(await answer(post(message("later")))).toEqual([200, "Worker successfully processed email"]);
    await server.says(/to later@example\.com forwarded/);
  });

  test("replies with a message, and with one in parts", async () => {
    expect((await post(message("reply"))).status).toBe(200);
    const reply = await lastMessage();
    expect(reply).toMatchObject({ kind: "reply", from: "bob@example.com", to: ["ada@example.com"] });
    expect(readFileSync(reply?.file ?? "", "utf8")).toMatch(
      /^Message-ID: <.{36}@example\.com>\r\nReferences: <one@example\.com>\r\nFrom: bob@example\.com\r\nIn-Reply-To: <one@example\.com>\r\n\r\nreplied$/,
    );
    const thread = "In-Reply-To: <zero@example.com>\r\nReferences: <zero@example.com>\r\n";
    expect((await post(message("reply-parts", thread))).status).toBe(200);
    const file = readFileSync((await lastMessage())?.file ?? "", "utf8");
    expect(file).toContain('From: "Bob" <bob@example.com>\r\nTo: ada@example.com\r\nSubject: Re\r\n');
    expect(file).toContain(
      "In-Reply-To: <one@example.com>\r\nReferences: <zero@example.com> <one@example.com>\r\n",
    );
    expect(file).not.toContain("<x@y>");
  });

  test.each([
    ["reply-none", "", "no In-Reply-To header found in reply message"],
    ["reply-other", "", "In-Reply-To does not match original Message-ID"],
    ["reply-references", "", "provided References header is invalid"],
    ["reply-from", "", "From: header does not match mail from"],
    ["reply", "Auto-Submitted: auto-replied\r\n", "Original email is not replyable"],
    ["reply", "X-Auto-Response-Suppress: All\r\n", "Original email is not replyable"],
    ["reply", "In-Reply-To: <a@b>\r\n", "Original email is not replyable"],
    ["reply-parts", "References: <a@b>\r\n", "Original email is not replyable"],
    [
      "reply",
      `In-Reply-To: <a@b>\r\nReferences: ${"<a@b> ".repeat(100)}\r\n`,
      "Original email is not replyable",
    ],
  ])("cannot answer: %s to a message with %j", async (action, fields, error) => {
    expect(await answer(post(message(action, fields)))).toEqual([
      500,
      `Worker failed to process the email: ${error}`,
    ]);
  });

  test("sends by a binding, which the commands see beside the server", async () => {
    expect((await post(message("send"))).status).toBe(200);
    const sent = await lastMessage();
    expect(sent).toMatchObject({ kind: "sent", subject: "On its own" });
    const [table, shown, absent] = await Promise.all([
      cli(["email", "list"], { cwd }),
      cli(["email", "show", String(sent?.id)], { cwd }),
      cli(["email", "show", "9999"], { cwd }),
    ]);
    const row = table.stdout.split("\n").find(line => line.startsWith(`${sent?.id} `));
    expect(row).toMatch(
      /^\d+ +sent +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +bob@example\.com +ada@example\.com +On its own$/,
    );
    expect(shown.stdout).toBe(readFileSync(sent?.file ?? "", "utf8"));
    expect([absent.code, absent.stderr]).toEqual([
      2,
      'error: There is no message "9999". (USAGE)\nworker email list shows those that there are.\n',
    ]);
  });

  test("warns where the envelope and the header disagree", async () => {
    await post(message(""), "?from=eve@example.com&to=%1b[31mx@example.com");
    await server.says(
      /The envelope's sender is eve@example\.com, and the "From" header says ada@example\.com\./,
    );
    await server.says(/recipient is \\x1b\[31mx@example\.com, and the "To" header says bob@example\.com\./);
  });

  test("is out of reach of other sites", async () => {
    const response = await fetch(`${server.url}/cdn-cgi/handler/email${QUERY}`, {
      method: "POST",
      body: message("throw"),
      headers: { Origin: "https://evil.example" },
    });
    expect(response.status).toBe(403);
  });
});

test("a worker without one, and one in service-worker syntax", async () => {
  const without = folder({ "index.js": "export default { fetch: () => new Response() }" });
  const listening = folder({
    "index.js": `addEventListener("email", event => {
      event.message.setReject(event.message.from + " " + (event instanceof ExtendableEvent));
    });`,
  });
  const [first, second] = await Promise.all([
    startServer(["run", "--isolates", "1"], { cwd: without }),
    startServer(["run", "--isolates", "1"], { cwd: listening }),
  ]);
  const post = async (url: string) => {
    const response = await fetch(`${url}/cdn-cgi/handler/email${QUERY}`, {
      method: "POST",
      body: message(""),
    });
    return [response.status, await response.text()];
  };
  expect(await post(first.url)).toEqual([500, "Worker does not export an email() handler."]);
  expect(await post(second.url)).toEqual([
    400,
    "Worker rejected email with the following reason: ada@example.com true",
  ]);
});

test("a list of nothing", async () => {
  const { stdout, stderr, code } = await cli(["email", "list"], { cwd: folder({}) });
  expect([stdout, stderr, code]).toEqual(["", "No message has been sent.\n", 0]);
});
