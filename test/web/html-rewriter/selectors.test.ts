/** The selectors of lol-html: what they match, and how others are refused. */
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

const PAGE =
  '<main id=m><div class="a b"><p id=p1 class="a">1<b>2</b></p><p id=p2 lang="en-GB" type="Text">3<i id=i1>' +
  '<b id=b1>4</b></i></p></div><div id=d2 data-x="foo bar"><p id=p3>5</p><span id=s1></span><p id=p4 a=""></p></div>' +
  "<ul id=u><li id=l1><li id=l2></li></ul><svg id=g><a id=a1 TYPE=x /><a id=a2 type=X></a></svg></main>";

const MATCHES: readonly (readonly [selector: string, ids: string])[] = [
  ["#p1", "p1"],
  ["p", "p1 p2 p3 p4"],
  ["P", "p1 p2 p3 p4"],
  [".a.b > p", "p1 p2"],
  [".a .a", "p1"],
  ["main > p", ""],
  ["main p", "p1 p2 p3 p4"],
  ["div b, span", "b1 s1"],
  ["div > p > i > b", "b1"],
  ["div>p b", "b1"],
  ["[data-x]", "d2"],
  ["[data-x~=bar]", "d2"],
  ["[data-x~='foo bar']", ""],
  ["[data-x^=foo]", "d2"],
  ["[data-x$='o bar']", "d2"],
  ["[data-x*='o b']", "d2"],
  ["[data-x*='O B' i]", "d2"],
  ["[data-x*='O B']", ""],
  ["[lang|=en]", "p2"],
  ["[lang|=e]", ""],
  ["[type=text]", "p2"],
  ["[type=text s]", ""],
  ["svg [type=x]", "a1"],
  ["svg [type=x i]", "a1 a2"],
  ["[a='']", "p4"],
  ["[a^='']", ""],
  ["p:first-child", "p1 p3"],
  ["p:nth-child(2)", "p2"],
  ["p:nth-child(2n+1)", "p1 p3 p4"],
  ["p:nth-child(-n+2)", "p1 p2 p3"],
  ["p:nth-of-type(even)", "p2 p4"],
  ["p:first-of-type", "p1 p3"],
  ["li:nth-child(1)", "l1 l2"],
  ["div *:not(p)", "i1 b1 s1"],
  ["p:not(#p1):not([a])", "p2 p3"],
  ["p:not(#p1, [a])", "p2 p3"],
  ["p:not(.a#zz)", "p2 p3 p4"],
  ["#d2 > :not(:nth-child(2))", "p3 p4"],
  ["*|p", "p1 p2 p3 p4"],
  ["|p", ""],
  ["#\\70 1", "p1"],
  ["p/* c */#p1", "p1"],
];

const REFUSED: readonly (readonly [message: string, selectors: readonly string[]])[] = [
  ["The selector is empty.", ["", " ", ",", "a,", "> a", "#1", ":not()", "1a", "@a", "'a'"]],
  ["Dangling combinator in selector.", ["a >", "a >> b"]],
  ["Unsupported combinator `+` in selector.", ["a + b"]],
  ["Unsupported combinator `~` in selector.", ["a ~ b"]],
  ["Unexpected end of selector.", [".", "a:", "a::", "[", "[a=", ":nth-child()", ":nth-child(2n+)"]],
  [
    "Unexpected token in selector.",
    ["a!", "a)", "*a", "a.1", "[a=b x]", ":nth-child(2 of a)", ":nth-child(+ 2)"],
  ],
  ["Missing attribute name in attribute selector.", ["[=b]", "[]"]],
  ["Unexpected token in the attribute selector.", ["[a=1]", "[a b]"]],
  ["Selectors with explicit namespaces are not supported.", ["a|b", "[a|b]", "[*|b]"]],
  ["Invalid or unescaped class name in selector.", ["a.#b"]],
  [
    "Unsupported pseudo-class or pseudo-element in selector.",
    [
      ":hover",
      "::before",
      ":last-child",
      ":nth-last-child(1)",
      ":only-child",
      ":root",
      ":empty",
      ":is(a)",
      ":has(a)",
      ":not(a b)",
    ],
  ],
];

eachEngine("HTMLRewriter selectors", run => {
  test("match", async () => {
    const found = await run(
      async (page, selectors) => {
        // All in one rewriter, so that they share what they have in common.
        const ids = selectors.map(() => [] as string[]);
        const rewriter = new HTMLRewriter();
        for (const [index, selector] of selectors.entries()) {
          rewriter.on(selector, {
            element: (element: { getAttribute(name: string): string | null }) => {
              const id = element.getAttribute("ID");
              if (id !== null) ids[index]?.push(id);
            },
          });
        }
        await rewriter.transform(new Response(page)).arrayBuffer();
        return ids.map(list => list.join(" "));
      },
      PAGE,
      MATCHES.map(([selector]) => selector),
    );
    expect(MATCHES.map(([selector], index) => [selector, found[index]])).toEqual(MATCHES);
  });

  test("are refused when they are added", async () => {
    const selectors = REFUSED.flatMap(([, list]) => list);
    const messages = await run(list => {
      return list.map(selector => {
        try {
          new HTMLRewriter().on(selector, {});
          return "accepted";
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      });
    }, selectors);
    const expected = REFUSED.flatMap(([message, list]) =>
      list.map(() => `TypeError: Parser error: ${message}`),
    );
    expect(selectors.map((selector, index) => [selector, messages[index]])).toEqual(
      selectors.map((selector, index) => [selector, expected[index]]),
    );
  });

  test("handlers of one element run in the order in which they were registered", async () => {
    const order = await run(async () => {
      const calls: string[] = [];
      const rewriter = new HTMLRewriter().onDocument({ text: () => void calls.push("document") });
      for (const selector of ["p", "*", ".a", "p, .a"]) {
        rewriter.on(selector, {
          element: () => void calls.push(selector),
          text: () => void calls.push(`text ${selector}`),
        });
      }
      await rewriter.transform(new Response("<p class=a></p>x")).arrayBuffer();
      await rewriter.transform(new Response("<p>x")).arrayBuffer();
      return calls;
    });
    const once = ["text p", "text *", "text p, .a", "document"];
    expect(order).toEqual([
      "p",
      "*",
      ".a",
      "p, .a",
      "document",
      "document",
      "p",
      "*",
      "p, .a",
      ...once,
      ...once,
    ]);
  });
});
