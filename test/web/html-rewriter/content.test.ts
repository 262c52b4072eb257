/** What handlers do to a page: the behaviour of lol-html, as workerd shows it. */
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { type Rule, rewrite } from "./rewrite.ts";

const CASES: readonly (readonly [title: string, html: string, rules: readonly Rule[], output: string])[] = [
  ["nothing registered", "<p>a</p>", [], "<p>a</p>"],
  [
    "content in order of the calls",
    "<p>x</p>",
    [
      [
        "p",
        "element",
        [
          ["before", "1"],
          ["before", "2"],
          ["after", "3"],
          ["after", "4"],
          ["prepend", "5"],
          ["prepend", "6"],
          ["append", "7"],
          ["append", "8"],
        ],
      ],
    ],
    "12<p>65x78</p>43",
  ],
  [
    "text is escaped, markup is not",
    "<p>x</p>",
    [
      [
        "p",
        "element",
        [
          ["before", "<&>\"'"],
          ["prepend", "<b>", { html: true }],
          ["append", "<", { html: false }],
        ],
      ],
    ],
    "&lt;&amp;&gt;\"'<p><b>x&lt;</p>",
  ],
  [
    "replace",
    "<p>x<b>y</b></p>z",
    [
      [
        "p",
        "element",
        [
          ["replace", "R"],
          ["replace", "S"],
          ["append", "A"],
        ],
      ],
    ],
    "SAz",
  ],
  ["remove", "<p>x<b>y</b></p>z", [["p", "element", [["remove"]]]], "z"],
  ["removeAndKeepContent", "<p>x<b>y</b></p>z", [["p", "element", [["removeAndKeepContent"]]]], "x<b>y</b>z"],
  [
    "setInnerContent drops what was put inside before",
    "<p>x<b>y</b></p>z",
    [
      [
        "p",
        "element",
        [
          ["append", "A"],
          ["setInnerContent", "S"],
          ["append", "B"],
          ["prepend", "Q"],
        ],
      ],
    ],
    "<p>QSB</p>z",
  ],
  [
    "handlers of removed content are heard, and change nothing",
    "<p><b>y</b></p>",
    [
      ["p", "element", [["setInnerContent", "N"]]],
      [
        "b",
        "element",
        [
          ["before", "x"],
          ["after", "y"],
        ],
      ],
      ["b", "text", [["replace", "z"]]],
    ],
    "<p>N</p>",
  ],
  [
    "a changed tag keeps its other attributes as they were",
    "<P  A='1'  b c=d\n>x</P >",
    [["p", "element", [["setAttribute", "e", 'a"<&']]]],
    "<P A='1' b c=d e=\"a&quot;<&\">x</P >",
  ],
  [
    "an attribute that is set keeps its name",
    "<p FOO=1 x>",
    [["p", "element", [["setAttribute", "foo", "2"]]]],
    '<p FOO="2" x>',
  ],
  [
    "all attributes of a name are removed",
    "<p a=1 b A=2>",
    [["p", "element", [["removeAttribute", "a"]]]],
    "<p b>",
  ],
  [
    "an unchanged tag is not written anew",
    "<p a=1   B>",
    [["p", "element", [["removeAttribute", "z"]]]],
    "<p a=1   B>",
  ],
  [
    "a new tag name reaches the end tag",
    "<P a>x</P >",
    [["p", "element", [["tagName=", "div"]]]],
    "<div a>x</div>",
  ],
  [
    "void elements have no content",
    "<br>",
    [
      [
        "br",
        "element",
        [
          ["prepend", "A"],
          ["append", "B"],
          ["setInnerContent", "C"],
          ["after", "D"],
          ["before", "E"],
        ],
      ],
    ],
    "E<br>D",
  ],
  [
    "nor do self-closing foreign ones",
    "<svg><a/></svg>",
    [
      [
        "a",
        "element",
        [
          ["append", "B"],
          ["after", "D"],
          ["setAttribute", "x", "y"],
        ],
      ],
    ],
    '<svg><a x="y" />D</svg>',
  ],
  [
    "a self-closing slash means nothing in HTML",
    "<div a=1 />x</div>",
    [
      [
        "div",
        "element",
        [
          ["append", "B"],
          ["after", "D"],
          ["setAttribute", "x", ""],
        ],
      ],
    ],
    '<div a=1 x="">xB</div>D',
  ],
  [
    "an element that its parent's end tag closes",
    "<div><p>x</div>y",
    [
      [
        "p",
        "element",
        [
          ["append", "A"],
          ["after", "B"],
        ],
      ],
    ],
    "<div><p>xA</div>By",
  ],
  [
    "an element that is never closed",
    "<p>x",
    [
      [
        "p",
        "element",
        [
          ["append", "A"],
          ["prepend", "B"],
        ],
      ],
    ],
    "<p>Bx",
  ],
  ["a removed element that is never closed", "<p>x", [["p", "element", [["remove"]]]], ""],
  [
    "end tags",
    "<p>x</P >",
    [
      [
        "p",
        "endTag",
        [
          ["before", "1"],
          ["before", "2"],
          ["after", "3"],
          ["after", "4"],
        ],
      ],
    ],
    "<p>x12</P >43",
  ],
  ["the name of an end tag", "<p>x</p>", [["p", "endTag", [["name=", "b"]]]], "<p>x</b>"],
  ["a removed end tag", "<p>x</p>y", [["p", "endTag", [["before", "1"], ["remove"]]]], "<p>x1y"],
  [
    "text",
    "<p>x</p>",
    [
      [
        "p",
        "text",
        [
          ["before", "<"],
          ["after", ">"],
          ["replace", "y"],
        ],
      ],
    ],
    "<p>&lt;y&gt;&lt;y&gt;</p>",
  ],
  ["removed text", "<p>x<b>y</b></p>z", [["p", "text", [["remove"]]]], "<p><b></b></p>z"],
  [
    "comments",
    "<p><!--x--></p><!--y-->",
    [
      [
        "p",
        "comments",
        [
          ["text=", "z"],
          ["before", "<", { html: true }],
          ["after", ">"],
        ],
      ],
    ],
    "<p><<!--z-->&gt;</p><!--y-->",
  ],
  [
    "removed and replaced comments",
    "<!--x--><p><!--y--></p>",
    [
      ["document", "comments", [["remove"]]],
      ["p", "comments", [["replace", "r"]]],
    ],
    "<p>r</p>",
  ],
  [
    "the end of the document",
    "x",
    [
      [
        "document",
        "end",
        [
          ["append", "<1>"],
          ["append", "<2>", { html: true }],
        ],
      ],
    ],
    "x&lt;1&gt;<2>",
  ],
  ["the end of nothing", "", [["document", "end", [["append", "1"]]]], "1"],
];

eachEngine("HTMLRewriter content", run => {
  test.for(CASES)("%s", async ([, html, rules, output]) => {
    expect(await rewrite(run, html, ...rules)).toBe(output);
  });

  test("streams and responses are written where they belong, escaped or not", async () => {
    const output = await run(() => {
      const rewriter = new HTMLRewriter().on("p", {
        element(element: { [method: string]: (content: unknown, options?: object) => void }) {
          element["before"]?.(new Blob(["<a>&é"]).stream());
          element["append"]?.(new Response("<b>"), { html: true });
          element["after"]?.(new Response(null));
          element["prepend"]?.(new Response("<c>").body, { html: true });
        },
        text(text: { lastInTextNode: boolean; after(content: unknown): void }) {
          if (text.lastInTextNode) text.after(new Response("!"));
        },
      });
      return rewriter.transform(new Response("<p>x</P >y")).text();
    });
    expect(output).toBe("&lt;a&gt;&amp;é<p><c>x!<b></P >y");
  });

  test("a stream that cannot be read fails the page; one that is not needed is not touched", async () => {
    const outcome = await run(async () => {
      const attempt = async (use: (element: { [method: string]: (content: unknown) => void }) => void) => {
        try {
          return await new HTMLRewriter()
            .on("p", { element: use })
            .transform(new Response("<p>x</p>"))
            .text();
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      };
      let pulled = 0;
      const response = new Response("twice");
      return [
        await attempt(element => {
          element["before"]?.(response);
          element["after"]?.(response);
        }),
        await attempt(element =>
          element["append"]?.(
            new ReadableStream({ pull: controller => controller.error(new RangeError("bad")) }),
          ),
        ),
        await attempt(element => {
          element["append"]?.(new ReadableStream({ pull: () => void pulled++ }, { highWaterMark: 0 }));
          element["setInnerContent"]?.("y");
        }),
        pulled,
      ];
    });
    expect(outcome).toEqual([
      "TypeError: The ReadableStream has been locked to a reader.",
      "RangeError: bad",
      "<p>y</p>",
      0,
    ]);
  });
});
