import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { failure, loadValue } from "../../config/helpers.ts";
import { eachEngine } from "../../helpers/each-engine.ts";
import { ILLEGAL_INVOCATION } from "../../helpers/illegal-invocation.ts";

// biome-ignore lint/suspicious/noExplicitAny: whatever a worker may call it with
type Guest = { env: { MAIL: any; BOB: any; LIST: any; SENDERS: any } };

const sender = (name: string, more: object = {}) => ({ type: "send_email", name, ...more });
const bindings = [
  sender("MAIL"),
  sender("BOB", { destination: "bob@example.com" }),
  sender("LIST", { allowedDestinations: ["bob@example.com", "eve@example.com"] }),
  sender("SENDERS", { allowedSenders: ["ada@example.com"] }),
];
const MESSAGE =
  "From: Ada <ada@example.com>\r\nTo: bob@example.com\r\nMessage-ID: <mine@example.com>\r\nSubject: =?utf-8?B?w6k=?=\r\n\r\nHello é";
const MESSAGE_ID = /^<[A-Za-z0-9]{36}@example\.com>$/;

eachEngine(
  "send_email",
  (run, { load, consoleLines }) => {
    /** The file that the last line of the log names. */
    const lastFile = () =>
      readFileSync(/: (\/.*\.eml)$/.exec(consoleLines.at(-1)?.[1] ?? "")?.[1] ?? "", "utf8");

    const send = (binding: string, message: unknown) =>
      run(
        async function (
          this: { env: Record<string, { send(message: unknown): Promise<unknown> }> },
          name,
          given,
        ) {
          return this.env[name]?.send(given).then(
            result => result,
            error => String(error),
          );
        },
        binding,
        message,
      );

    test("sends a message as it is, under a new Message-ID", async () => {
      const lines: (readonly [string, string])[] = [];
      const worker = await load({
        bindings,
        onConsole: (level, text) => lines.push([level, text]),
        script: `
          import { EmailMessage } from "cloudflare:email";
          export default {
            async run({ MAIL }, raw) {
              const bytes = new TextEncoder().encode(raw);
              const stream = () => new ReadableStream({ start(c) { c.enqueue(bytes.subarray(0, 9)); c.enqueue(bytes.subarray(9)); c.close(); } });
              const answers = [];
              for (const body of [raw, bytes, bytes.buffer, stream(), new Response(raw).body]) {
                const message = new EmailMessage("ada@example.com", "bob@example.com", body);
                answers.push(await MAIL.send(message));
              }
              return answers;
            },
            interface() {
              const message = new EmailMessage("a", { toString: () => "b" }, "c");
              const refusals = [];
              for (const call of [
                () => new EmailMessage("a", "b"),
                () => new EmailMessage(Symbol("a"), "b", "c"),
                () => EmailMessage.prototype.from,
              ]) try { call(); } catch (error) { refusals.push(String(error)); }
              return [message.from, message.to, message instanceof EmailMessage, String(message), EmailMessage.length, refusals];
            },
          }`,
      });
      const answers = (await worker.invoke("run", MESSAGE)) as { messageId: string }[];
      expect(answers).toHaveLength(5);
      for (const [index, { messageId }] of answers.entries()) {
        expect(messageId).toMatch(MESSAGE_ID);
        const [level, line] = lines[index] ?? [];
        const [, before, file = ""] = /^(.*): (\/.*\.eml)$/.exec(line ?? "") ?? [];
        expect([level, before]).toEqual([
          "log",
          'E-mail about "é" from ada@example.com to bob@example.com sent',
        ]);
        expect(readFileSync(file, "utf8")).toBe(
          `Message-ID: ${messageId}\r\n${MESSAGE.replace("Message-ID: <mine@example.com>\r\n", "")}`,
        );
      }
      expect(await worker.invoke("interface")).toEqual([
        "a",
        "b",
        true,
        "[object EmailMessage]",
        3,
        [
          "TypeError: Failed to construct 'EmailMessage': 3 arguments required, but only 2 present.",
          "TypeError: Failed to construct 'EmailMessage': parameter 1 is a symbol, which cannot be converted to a string.",
          ILLEGAL_INVOCATION,
        ],
      ]);
      await worker.dispose();
    });

    test("refuses what Miniflare refuses, in its words", async () => {
      const worker = await load({
        bindings,
        onConsole: () => {},
        script: `
          import { EmailMessage } from "cloudflare:email";
          export default {
            send: (env, binding, from, to, raw) =>
              env[binding].send(new EmailMessage(from, to, raw)).then(() => "sent", String),
          }`,
      });
      const ada = "ada@example.com";
      const bob = "bob@example.com";
      const cases = [
        ["MAIL", ada, bob, MESSAGE.replace(/Message-ID.*\r\n/, ""), "Error: invalid message-id"],
        ["MAIL", ada, bob, "", "Error: invalid message-id"],
        ["MAIL", "eve@example.com", bob, MESSAGE, "Error: From: header does not match mail from"],
        ["MAIL", ada, bob, `Received: from x\r\n${MESSAGE}`, "Error: invalid headers set"],
        [
          "MAIL",
          ada,
          bob,
          `From: ${ada}\r\nMessage-ID: <a@b>\r\n`,
          "Error: could not find end of email headers",
        ],
        ["BOB", ada, "eve@example.com", MESSAGE, "Error: email to eve@example.com not allowed"],
        ["BOB", ada, bob, MESSAGE, "sent"],
        ["LIST", ada, "mallory@example.com", MESSAGE, "Error: email to mallory@example.com not allowed"],
        ["LIST", ada, "eve@example.com", MESSAGE, "sent"],
        ["SENDERS", "eve@example.com", bob, MESSAGE, "Error: email from eve@example.com not allowed"],
        ["SENDERS", ada, bob, MESSAGE, "sent"],
      ];
      for (const [binding, from, to, raw, outcome] of cases) {
        expect([from, to, await worker.invoke("send", binding, from, to, raw)]).toEqual([from, to, outcome]);
      }
      await worker.dispose();
    });

    test("sends a message that is made of parts", async () => {
      const message = {
        from: { name: "Ada", email: "ada@example.com" },
        to: ["bob@example.com", { name: "Eve", email: "eve@example.com" }],
        cc: "Cee <c@example.com>",
        bcc: { email: "hidden@example.com" },
        replyTo: "r@example.com",
        subject: "Parts",
        headers: { "X-One": "1" },
        text: "Hello",
        attachments: [
          { filename: "a.txt", type: "text/plain", disposition: "attachment", content: "aGVsbG8=" },
        ],
      };
      const { messageId } = (await send("MAIL", message)) as { messageId: string };
      expect(messageId).toMatch(MESSAGE_ID);
      expect(consoleLines.at(-1)?.[1]).toContain(
        'E-mail about "Parts" from ada@example.com to bob@example.com, eve@example.com, c@example.com, hidden@example.com sent: /',
      );
      const file = lastFile();
      expect(file).toContain('To: bob@example.com, "Eve" <eve@example.com>\r\nCc: Cee <c@example.com>\r\n');
      expect(file).toContain(`Message-ID: ${messageId}\r\n`);
      expect(file).toContain("\r\n\r\naGVsbG8=\r\n");
      expect(file).not.toContain("hidden");
    });

    test("takes attachments as bytes", async () => {
      await run(async function (this: Guest) {
        const content = new TextEncoder().encode("hello");
        const attachments = [content, content.buffer, new DataView(content.buffer, 1, 3)].map(
          (content, index) => ({
            filename: `${index}.bin`,
            type: "application/octet-stream",
            content,
          }),
        );
        await this.env.MAIL.send({ from: "a@example.com", to: "b@example.com", attachments });
      });
      expect(lastFile().match(/^[A-Za-z0-9+/]+=*\r$/gm)).toEqual(["aGVsbG8=\r", "aGVsbG8=\r", "ZWxs\r"]);
    });

    const PARTS = { from: "ada@example.com", to: "bob@example.com", subject: "s" };
    test.each<[string, unknown, string]>([
      ["MAIL", null, "TypeError: The message is neither an EmailMessage nor an object of its parts."],
      ["MAIL", "text", "TypeError: The message is neither an EmailMessage nor an object of its parts."],
      ["MAIL", {}, 'TypeError: The message has no "from".'],
      ["MAIL", { from: "a@b.c" }, 'TypeError: The message has no recipient: "to", "cc" or "bcc".'],
      ["MAIL", { ...PARTS, to: [] }, 'TypeError: The message has no recipient: "to", "cc" or "bcc".'],
      ["MAIL", { ...PARTS, to: { name: "Bob" } }, 'TypeError: "to" has an address without an "email".'],
      ["MAIL", { ...PARTS, attachments: {} }, 'TypeError: "attachments" is not an array.'],
      [
        "MAIL",
        { ...PARTS, attachments: [5] },
        "TypeError: An attachment is an object with filename, type and content.",
      ],
      ["MAIL", { ...PARTS, subject: "a\r\nBcc: x@y.z" }, "Error: invalid headers set"],
      [
        "MAIL",
        { ...PARTS, attachments: [{ filename: "a", type: "a/b", content: "#" }] },
        "Error: invalid attachment content",
      ],
      ["BOB", { ...PARTS, cc: "Eve <eve@example.com>" }, "Error: email to eve@example.com not allowed"],
      ["LIST", { ...PARTS, bcc: ["x@example.com"] }, "Error: email to x@example.com not allowed"],
      [
        "SENDERS",
        { ...PARTS, from: { email: "x@example.com" } },
        "Error: email from x@example.com not allowed",
      ],
    ])("%s refuses %j", async (binding, message, error) => {
      expect(await send(binding, message)).toBe(error);
    });

    test("refuses a message that is too large", async () => {
      expect(
        await run(async function (this: Guest) {
          const text = "x".repeat(25 * 1024 * 1024);
          return this.env.MAIL.send({ from: "a@example.com", to: "b@example.com", text }).catch(String);
        }),
      ).toBe("Error: Email message size is bigger than the production size limit of 25 MiB.");
    });

    test("is a class that only the runtime makes, and counts a subrequest for each message", async () => {
      const worker = await load({
        bindings,
        limits: { subrequests: 1 },
        onConsole: () => {},
        script: `export default {
          async run({ MAIL }) {
            const message = { from: "a@b.c", to: "a@b.c" };
            const refusals = [];
            for (const call of [
              () => new MAIL.constructor(Symbol("construction"), {}),
              () => MAIL.send.call({}, message),
              () => MAIL.send(message),
              () => MAIL.send(message),
            ]) try { await call(); } catch (error) { refusals.push(error.message); }
            return [String(MAIL), ...refusals];
          } }`,
      });
      expect(await worker.invoke("run")).toEqual([
        "[object SendEmail]",
        "Illegal constructor",
        ILLEGAL_INVOCATION.replace("TypeError: ", ""),
        expect.stringContaining("subrequests"),
      ]);
      await worker.dispose();
    });
  },
  { bindings },
);

test("the configuration says who may write to whom", async () => {
  const { config, warnings } = await loadValue({
    send_email: [
      { name: "A" },
      { name: "B", destination_address: "b@x.y" },
      {
        name: "C",
        allowed_destination_addresses: ["c@x.y"],
        allowed_sender_addresses: ["s@x.y"],
        remote: true,
      },
    ],
  });
  expect(config.bindings).toEqual([
    { type: "send_email", name: "A", destination: null, allowedDestinations: null, allowedSenders: null },
    { type: "send_email", name: "B", destination: "b@x.y", allowedDestinations: null, allowedSenders: null },
    {
      type: "send_email",
      name: "C",
      destination: null,
      allowedDestinations: ["c@x.y"],
      allowedSenders: ["s@x.y"],
    },
  ]);
  expect(warnings).toEqual([expect.stringContaining('"send_email[2].remote" is ignored')]);
  const error = await failure({
    "wrangler.json": JSON.stringify({
      send_email: [{ name: "A", destination_address: "a@x.y", allowed_destination_addresses: ["b@x.y"] }],
    }),
  });
  expect(error.message).toContain(
    'should have "destination_address" or "allowed_destination_addresses", not both',
  );
});
