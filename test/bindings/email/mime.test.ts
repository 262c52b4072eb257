import { describe, expect, test } from "vitest";
import type { WireBuilder } from "../../../src/bindings/email/contract.ts";
import { newMessageId } from "../../../src/bindings/email/message-id.ts";
import { addressesOf } from "../../../src/bindings/email/mime/address.ts";
import { addressOf, compose } from "../../../src/bindings/email/mime/compose.ts";
import { decodeText, encodeText } from "../../../src/bindings/email/mime/encoded-word.ts";
import { fieldOf, parseHeader, withFields, withoutField } from "../../../src/bindings/email/mime/header.ts";

const latin1 = (text: string) => Buffer.from(text, "utf8").toString("latin1");

describe("a header", () => {
  const message = Buffer.from(
    "From nobody Thu Jan  1 00:00:00 1970\r\nSubject: one\r\n two\r\n\tthree\r\nfrom : a@b.c\r\nno field\r\nX-Empty:\r\nSUBJECT: again\r\n\r\nTo: body@example.com\r\n",
  );
  const header = parseHeader(message);

  test("is read by field, unfolded", () => {
    expect(header.fields.map(({ name, value }) => [name, value])).toEqual([
      ["Subject", " one two\tthree"],
      ["from", " a@b.c"],
      ["X-Empty", ""],
      ["SUBJECT", " again"],
    ]);
    expect([fieldOf(header, "FROM"), fieldOf(header, "subject"), fieldOf(header, "to")]).toEqual([
      "a@b.c",
      "one two\tthree",
      undefined,
    ]);
    expect([header.complete, header.lineEnd]).toEqual([true, "\r\n"]);
  });

  test("loses a field and gains one, and nothing else changes", () => {
    const without = withoutField(message, header, "subject").toString();
    expect(without).toBe(
      "From nobody Thu Jan  1 00:00:00 1970\r\nfrom : a@b.c\r\nno field\r\nX-Empty:\r\n\r\nTo: body@example.com\r\n",
    );
    expect(withoutField(message, header, "to")).toBe(message);
    expect(withFields(message, header, [["A", "é"]]).toString()).toBe(`A: é\r\n${message}`);
  });

  test.each([
    ["", false, 0],
    ["\r\n", true, 0],
    ["\n\nbody", true, 0],
    ["A: b", false, 1],
    ["A: b\n", false, 1],
    ["A: b\n\n", true, 1],
    [" A: b\r\n\r\n", true, 0],
    [":\r\n: b\r\n\r\n", true, 0],
    ["\r\r\n\r\n", true, 0],
  ])("of %j", (text, complete, fields) => {
    const parsed = parseHeader(Buffer.from(text));
    expect([parsed.complete, parsed.fields.length]).toEqual([complete, fields]);
  });

  test("keeps the line ends of the message", () => {
    const unix = Buffer.from("A: b\n\nbody");
    expect(withFields(unix, parseHeader(unix), [["B", "c"]]).toString()).toBe("B: c\nA: b\n\nbody");
  });

  test("of a hostile size is read in linear time", () => {
    const long = Buffer.from(`${"A: b\r\n".repeat(100_000)}\r\n`);
    expect(parseHeader(long).fields).toHaveLength(100_000);
    expect(addressesOf('"'.repeat(200_000))).toHaveLength(1);
    expect(decodeText("=?".repeat(100_000)).length).toBe(200_000);
  });
});

test.each([
  ["a@b.c", ["a@b.c"]],
  [" Ada <a@b.c> ", ["a@b.c"]],
  ['"Lovelace, Ada" <a@b.c>, b@c.d', ["a@b.c", "b@c.d"]],
  ['"\\"<x@y>\\", (" <a@b.c>', ["a@b.c"]],
  ["a@b.c (a comment, with <x@y>), (b) c@d.e", ["a@b.c", "c@d.e"]],
  ["friends: a@b.c, B <b@c.d>;, e@f.g", ["a@b.c", "b@c.d", "e@f.g"]],
  ["undisclosed-recipients:;", []],
  ["", []],
  [",,", []],
])("the addresses of %j", (list, addresses) => {
  expect(addressesOf(list)).toEqual(addresses);
});

test.each([
  ["plain", "plain"],
  ["=?utf-8?B?w6k=?= =?UTF-8?Q?=C3=A9_x?=", "éé x"],
  ["=?iso-8859-1?q?caf=E9?= bar", "café bar"],
  ["=?utf-8*de?B?w6k=?=", "é"],
  ["=?nonsense?B?w6k=?=", "=?nonsense?B?w6k=?="],
  ["=?utf-8?X?a?=", "=?utf-8?X?a?="],
  [latin1("raw é"), "raw é"],
])("the text of %j", (value, text) => {
  expect(decodeText(value)).toBe(text);
});

test.each(["", "plain", "é", "🧨".repeat(60), "=?utf-8?B?w6k=?=", "Ünï cödé ".repeat(20).trim()])(
  "%j in a header and back",
  text => {
    const encoded = encodeText(text);
    expect(encoded).toMatch(/^[\x20-\x7e\r\n]*$/);
    for (const line of encoded.split("\r\n")) expect(line.length).toBeLessThanOrEqual(76);
    expect(decodeText(encoded.replaceAll("\r\n", ""))).toBe(text);
  },
);

test("a Message-ID is in the domain of its address", () => {
  const domains = ["a@b.c", "a@bücher.example", "a@[127.0.0.1]", "a", "a@", "a@b c", "a@b/c"].map(
    address => /^<[A-Za-z0-9]{36}@(.*)>$/.exec(newMessageId(address))?.[1],
  );
  expect(domains).toEqual([
    "b.c",
    "xn--bcher-kva.example",
    "[127.0.0.1]",
    "localhost",
    "localhost",
    "localhost",
    "localhost",
  ]);
});

describe("a message of parts", () => {
  const BUILDER: WireBuilder = {
    from: { name: 'Ada "A" L', email: "ada@example.com" },
    to: ["bob@example.com"],
    cc: [],
    bcc: [],
    replyTo: null,
    subject: "Hello",
    headers: [],
    text: "text",
    html: null,
    attachments: [],
  };
  const make = (changes: Partial<WireBuilder>, contents: (string | Uint8Array)[] = []) =>
    compose({ ...BUILDER, ...changes }, contents, "<id@example.com>", 0).toString();

  test("of text", () => {
    expect(make({ text: "one\ntwo\r\nthree" })).toBe(
      [
        'From: "Ada \\"A\\" L" <ada@example.com>',
        "To: bob@example.com",
        "Subject: Hello",
        "Message-ID: <id@example.com>",
        "Date: Thu, 01 Jan 1970 00:00:00 +0000",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "",
        "one\r\ntwo\r\nthree",
      ].join("\r\n"),
    );
  });

  test("of everything there is", () => {
    const attachment = { filename: "é.txt", type: "text/plain", disposition: "attachment", contentId: null };
    const inline = { filename: "a.png", type: "image/png", disposition: "inline", contentId: "pic" };
    const pixels = Buffer.alloc(100, "A").toString("base64");
    const made = make(
      {
        to: ["Bob <bob@example.com>", { name: "Zoë", email: "z@example.com" }],
        cc: ["c@example.com"],
        bcc: ["hidden@example.com"],
        replyTo: "r@example.com",
        subject: "Grüße",
        headers: [
          ["X-One", "1"],
          ["Subject", "not this"],
          ["bcc", "nor@this.com"],
        ],
        text: "text é",
        html: "<p>html</p>",
        attachments: [attachment, inline],
      },
      ["aGVs\nbG8=", new Uint8Array(100).fill(65)],
    );
    const boundaries = [...new Set([...made.matchAll(/boundary="([^"]+)"/g)].map(match => match[1] ?? ""))];
    expect(boundaries).toHaveLength(3);
    const named = boundaries.reduce((text, boundary, index) => text.replaceAll(boundary, `B${index}`), made);
    expect(named.split("\r\n")).toEqual([
      'From: "Ada \\"A\\" L" <ada@example.com>',
      "To: Bob <bob@example.com>, =?utf-8?B?Wm/Dqw==?= <z@example.com>",
      "Cc: c@example.com",
      "Reply-To: r@example.com",
      "Subject: =?utf-8?B?R3LDvMOfZQ==?=",
      "Message-ID: <id@example.com>",
      "Date: Thu, 01 Jan 1970 00:00:00 +0000",
      "MIME-Version: 1.0",
      "X-One: 1",
      'Content-Type: multipart/mixed; boundary="B0"',
      "",
      "--B0",
      'Content-Type: multipart/related; boundary="B1"',
      "",
      "--B1",
      'Content-Type: multipart/alternative; boundary="B2"',
      "",
      "--B2",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: base64",
      "",
      "dGV4dCDDqQ==",
      "--B2",
      "Content-Type: text/html; charset=utf-8",
      "",
      "<p>html</p>",
      "--B2--",
      "",
      "--B1",
      'Content-Type: image/png; name="a.png"',
      'Content-Disposition: inline; filename="a.png"',
      "Content-ID: <pic>",
      "Content-Transfer-Encoding: base64",
      "",
      pixels.slice(0, 76),
      pixels.slice(76),
      "--B1--",
      "",
      "--B0",
      'Content-Type: text/plain; name="=?utf-8?B?w6kudHh0?="',
      'Content-Disposition: attachment; filename="=?utf-8?B?w6kudHh0?="',
      "Content-Transfer-Encoding: base64",
      "",
      "aGVsbG8=",
      "--B0--",
      "",
    ]);
  });

  test.each<[Partial<WireBuilder>, string]>([
    [{ subject: "one\r\nBcc: x@y.z" }, "invalid headers set"],
    [{ from: "a@b.c\nTo: x@y.z" }, "invalid headers set"],
    [{ to: [{ name: "x\r\n", email: "a@b.c" }] }, "invalid headers set"],
    [{ headers: [["X-One", "1\r\nX-Two: 2"]] }, "invalid headers set"],
    [{ headers: [["X One", "1"]] }, "invalid headers set"],
    [{ headers: [["Received", "1"]] }, "invalid headers set"],
    [
      { attachments: [{ filename: "a\r\n", type: "a/b", disposition: "attachment", contentId: null }] },
      "invalid headers set",
    ],
    [
      { attachments: [{ filename: "a", type: "ab", disposition: "attachment", contentId: null }] },
      "invalid attachment",
    ],
    [
      { attachments: [{ filename: "a", type: "a/b\r\nX: y", disposition: "attachment", contentId: null }] },
      "invalid attachment",
    ],
    [
      { attachments: [{ filename: "a", type: "a/b", disposition: "inline", contentId: null }] },
      "invalid attachment",
    ],
    [
      { attachments: [{ filename: "a", type: "a/b", disposition: "elsewhere", contentId: "x" }] },
      "invalid attachment",
    ],
    [
      { attachments: [{ filename: "a", type: "a/b", disposition: "attachment", contentId: null }] },
      "invalid attachment content",
    ],
  ])("with %j is refused", (changes, message) => {
    expect(() => make(changes, ["not base64!"])).toThrow(new Error(message));
  });

  test("whose sender is in angle brackets has its address", () => {
    expect([
      addressOf("Ada <a@b.c>"),
      addressOf("a@b.c"),
      addressOf({ name: "x", email: "y" }),
      addressOf(""),
    ]).toEqual(["a@b.c", "a@b.c", "y", ""]);
  });
});
