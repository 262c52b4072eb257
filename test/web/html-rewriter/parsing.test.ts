/** How pages are read: every construct, wherever chunks split it, and pages that mean harm. */
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { tokens } from "./rewrite.ts";

const CASES: readonly (readonly [html: string, told: readonly unknown[]])[] = [
  ["a < b &amp; c", ["a < b &amp; c"]],
  [
    "<P A=1 b='2' c=\"3\" d =4 e= 5/>x",
    ["<p>", ["a", "1"], ["b", "2"], ["c", "3"], ["d", "4"], ["e", "5/"], "x"],
  ],
  ["<p =a=b c/d>", ["<p>", ["=a", "b"], ["c", ""], ["d", ""]]],
  ["<p a='>' b=\">\">", ["<p>", ["a", ">"], ["b", ">"]]],
  ["<x-y:z>", ["<x-y:z>"]],
  [
    "</>x</ a><?b?><!c><!---><!--><!--d--!><!-- - -- --->",
    ["x", "<!-- a-->", "<!--?b?-->", "<!--c-->", "<!---->", "<!---->", "<!--d-->", "<!-- - -- --->"],
  ],
  ["<!DOCTYPE HTML>", [["doctype", "html", null, null]]],
  [
    "<!doctype a public 'b' \"c\"><!doctype a system 'b'><!doctype>",
    [
      ["doctype", "a", "b", "c"],
      ["doctype", "a", null, "b"],
      ["doctype", null, null, null],
    ],
  ],
  ["<title>a<b></title ><b>", ["<title>", "a<b>", "<b>"]],
  ["<textarea></text></TEXTAREA>", ["<textarea>", "</text>"]],
  ["<style><!--</style>--><b>", ["<style>", "<!--", "-->", "<b>"]],
  ["<script>a</scripts><b></script><i>", ["<script>", "a</scripts><b>", "<i>"]],
  ["<script><!--<script></script>--></script><i>", ["<script>", "<!--<script></script>-->", "<i>"]],
  ["<script><!--></script><i>", ["<script>", "<!-->", "<i>"]],
  ["<plaintext></plaintext><b>", ["<plaintext>", "</plaintext><b>"]],
  ["<svg><![CDATA[a]]b]]]>c</svg><![CDATA[d]]>", ["<svg>", "svg", "a]]b]", "c", "<!--[CDATA[d]]-->"]],
  [
    "<svg><title><b></title></svg><title><b></title>",
    ["<svg>", "svg", "<title>", "svg", "<b>", "<title>", "<b>"],
  ],
  ["<svg><g/><p><a>", ["<svg>", "svg", "<g>", "svg", "<p>", "<a>"]],
  ["<math><mi><a></a></mi><b><i>", ["<math>", "MathML", "<mi>", "MathML", "<a>", "<b>", "<i>"]],
  ["é漢🐈<p title=漢>🐈</p>\0", ["é漢🐈", "<p>", ["title", "漢"], "🐈", "\0"]],
  ["<a <b", []],
  ["x<", ["x<"]],
  ["x</", ["x</"]],
  ["<!", ["<!---->"]],
  ["<!--a-", ["<!--a-->"]],
  ["<!-", ["<!----->"]],
  ["<!doctyp", ["<!--doctyp-->"]],
  ["<title>a</tit", ["<title>", "a</tit"]],
];

eachEngine("HTMLRewriter parsing", run => {
  test.for(CASES)("%j", async ([html, told]) => {
    expect(await tokens(run, html)).toEqual(told);
  });

  test("the same wherever chunks split a page", async () => {
    const page = CASES.map(([html]) => html)
      .filter(html => !/plaintext|<$|<\/$|<!$|<!--a-$|<!-$|doctyp$|<\/tit$|<b$/.test(html))
      .join("");
    const whole = await tokens(run, page);
    for (const sizes of [[1], [2], [3], [1, 7], [5, 2], [64], [100, 1]]) {
      expect(await tokens(run, page, sizes)).toEqual(whole);
    }
    for (let first = 1; first < page.length; first += 3) {
      expect(await tokens(run, page, [first, 1 << 20])).toEqual(whole);
    }
  });

  test("bytes that nobody looks at come out as they are, whatever they are", async () => {
    const bytes = [
      0x3c, 0x70, 0x3e, 0xff, 0xc3, 0x28, 0x00, 0xe2, 0x82, 0x3c, 0x62, 0x20, 0x61, 0x3d, 0xfe, 0x3e,
    ];
    const same = await run(
      async given => [
        ...(await new HTMLRewriter()
          .on("b", { element() {} })
          .transform(new Response(Uint8Array.from(given)))
          .bytes()),
      ],
      bytes,
    );
    expect(same).toEqual(bytes);
  });

  test("encodings other than UTF-8 are read and written", async () => {
    const outcome = await run(async () => {
      const rewriteAs = async (charset: string, bytes: number[]) => {
        const seen: string[] = [];
        const type = { headers: { "Content-Type": `text/html; charset=${charset}` } };
        const rewriter = new HTMLRewriter().on("p", {
          element: (element: { getAttribute(name: string): string; append(text: string): void }) => {
            seen.push(element.getAttribute("a"));
            element.append("é漢ж");
          },
          text: (text: { text: string }) => void seen.push(text.text),
        });
        try {
          const output = await rewriter.transform(new Response(Uint8Array.from(bytes), type)).bytes();
          return [seen.join(), String.fromCharCode(...output)];
        } catch (error) {
          return (error as Error).message;
        }
      };
      const page = (...text: number[]) => [
        ...new TextEncoder().encode("<p a='"),
        ...text,
        0x27,
        0x3e,
        ...text,
        0x3c,
        0x2f,
        0x70,
        0x3e,
      ];
      return [
        await rewriteAs("windows-1252", page(0xe9)),
        await rewriteAs("windows-1251", page(0xe6)),
        await rewriteAs("shift_jis", page(0x8a, 0xbf)),
        await rewriteAs("UTF8", page(0xc3, 0xa9)),
        await rewriteAs("utf-16", page()),
        await rewriteAs("nonsense", page()),
      ];
    });
    expect(outcome).toEqual([
      ["é,é,", "<p a='\xe9'>\xe9\xe9&#28450;&#1078;</p>"],
      ["ж,ж,", "<p a='\xe6'>\xe6&#233;&#28450;\xe6</p>"],
      ["漢,漢,", "<p a='\x8a\xbf'>\x8a\xbf&#233;\x8a\xbf\x84w</p>"],
      ["é,é,", "<p a='\xc3\xa9'>\xc3\xa9\xc3\xa9\xe6\xbc\xa2\xd0\xb6</p>"],
      "Parser error: Expected ASCII-compatible encoding.",
      "Parser error: Unknown character encoding has been provided.",
    ]);
  });

  test("text where it is unclear whether it is text ends the page with an error", async () => {
    const message = await run(async () => {
      const page = new HTMLRewriter().on("p", {}).transform(new Response("<select><title><p>"));
      return page.text().catch((error: Error) => `${error.name}: ${error.message}`);
    });
    expect(message).toMatch(
      /^TypeError: Parser error: The parser has encountered a text content tag \(`<title>`\)/,
    );
  });

  test("hostile pages cost time in proportion to their size, and memory within limits", async () => {
    const outcome = await run(async () => {
      const attempt = async (page: string, selector = "zz a") => {
        const rewriter = new HTMLRewriter().on(selector, { element() {}, comments() {}, text() {} });
        try {
          const output = await rewriter.transform(new Response(page)).text();
          return output === page;
        } catch (error) {
          return (error as Error).message;
        }
      };
      return [
        await attempt("<b>".repeat(100_000)),
        await attempt("<p ".padEnd(1_000_000, "a ")),
        await attempt("<p ".padEnd(1_000_000, "a "), "p"),
        await attempt(`<p a="${"x".repeat(1_000_000)}">`, "p"),
        await attempt("<b>".repeat(10_000) + "</i>".repeat(10_000) + "</b>".repeat(10_000)),
        await attempt("<".repeat(100_000)),
        await attempt(`<!--${"-".repeat(1_000_000)}`, "*"),
        await attempt(`<script><!--${"<".repeat(50_000)}`, "*"),
        await attempt(`<svg><desc>${"<b>".repeat(10_000)}${"</li></i>".repeat(10_000)}`),
        await attempt("\0".repeat(1_000_000)),
        await attempt(`<p class="${"a ".repeat(100_000)}">`, ".b.a"),
      ];
    });
    const limit = "Parser error: The memory limit has been exceeded.";
    expect(outcome).toEqual([limit, true, limit, true, true, true, true, true, true, true, true]);
  });
});
