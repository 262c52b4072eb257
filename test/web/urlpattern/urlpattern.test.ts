import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

type Init = Record<string, string>;
interface MatchCase {
  pattern: [
    input?: string | Init,
    baseOrOptions?: string | { ignoreCase: boolean },
    options?: { ignoreCase: boolean },
  ];
  inputs: [input?: string | Init, base?: string];
  exactly_empty_components?: string[];
  expected_obj?: "error" | Init;
  expected_match?: "error" | null | Record<string, { input: string; groups: Record<string, string | null> }>;
}

const data = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../fixtures/url/urlpatterntestdata.json"), "utf8"),
) as MatchCase[];

/** The standard's own runner: what each case expects, given or implied. */
function runCases(cases: MatchCase[]): string[] {
  const components = [
    "protocol",
    "username",
    "password",
    "hostname",
    "port",
    "pathname",
    "search",
    "hash",
  ] as const;
  const earlier: Record<string, readonly string[]> = {
    protocol: [],
    hostname: ["protocol"],
    port: ["protocol", "hostname"],
    username: [],
    password: [],
    pathname: ["protocol", "hostname", "port"],
    search: ["protocol", "hostname", "port", "pathname"],
    hash: ["protocol", "hostname", "port", "pathname", "search"],
  };
  const wrong: string[] = [];

  const expectedPattern = (item: MatchCase, name: (typeof components)[number]): string => {
    const [input, second] = item.pattern;
    const given = (item.expected_obj as Init | undefined)?.[name];
    if (given !== undefined) return given;
    if (item.exactly_empty_components?.includes(name)) return "";
    if (typeof input === "object") {
      if (input[name] !== undefined) return input[name];
      if (earlier[name]!.some(other => other in input)) return "*";
    }
    const base =
      typeof input === "object" ? input["baseURL"] : typeof second === "string" ? second : undefined;
    if (base === undefined || name === "username" || name === "password") return "*";
    const part = new URL(base)[name];
    return name === "protocol"
      ? part.slice(0, -1)
      : name === "search" || name === "hash"
        ? part.slice(1)
        : part;
  };

  const sorted = (groups: Record<string, unknown>): string =>
    JSON.stringify(
      Object.entries(groups)
        .map(([key, value]) => `${key}=${value ?? undefined}`)
        .sort(),
    );

  const check = (item: MatchCase): void => {
    const fail = (what: string) =>
      wrong.push(`${JSON.stringify(item.pattern)} ${JSON.stringify(item.inputs)}: ${what}`);
    let pattern: URLPattern;
    try {
      pattern = new URLPattern(...(item.pattern as [string, string]));
    } catch (error) {
      if (item.expected_obj !== "error" || !(error instanceof TypeError)) fail(`${error}`);
      return;
    }
    if (item.expected_obj === "error") {
      fail("was accepted");
      return;
    }
    for (const name of components) {
      if (pattern[name] !== expectedPattern(item, name)) fail(`${name} is ${pattern[name]}`);
    }
    const inputs = (item.inputs ?? []) as [string, string];
    if (item.expected_match === "error") {
      try {
        pattern.test(...inputs);
        fail("matched what should throw");
      } catch (error) {
        if (!(error instanceof TypeError)) fail(`${error}`);
      }
      return;
    }
    const match = pattern.exec(...inputs);
    if (pattern.test(...inputs) !== (match !== null)) fail("test and exec differ");
    if ((match === null) !== !item.expected_match) fail(`exec is ${match}`);
    if (match === null || !item.expected_match) return;
    for (const name of components) {
      const empty = item.exactly_empty_components?.includes(name) ? {} : { 0: "" };
      const expected = item.expected_match[name] ?? { input: "", groups: empty };
      const actual = match[name];
      if (actual.input !== expected.input || sorted(actual.groups) !== sorted(expected.groups)) {
        fail(`${name} matched ${JSON.stringify(actual)}`);
      }
    }
  };

  for (const item of cases) if (typeof item !== "string") check(item);
  return wrong;
}

eachEngine("URLPattern", run => {
  test("the standard's data", async () => {
    expect(await run(runCases, data)).toEqual([]);
  });

  test("is an interface in the sense of Web IDL", async () => {
    expect(
      await run(() => ({
        keys: Object.keys(URLPattern.prototype),
        lengths: [URLPattern.length, URLPattern.prototype.test.length, URLPattern.prototype.exec.length],
        tag: Object.prototype.toString.call(new URLPattern()),
      })),
    ).toEqual({
      keys: "protocol username password hostname port pathname search hash hasRegExpGroups test exec".split(
        " ",
      ),
      lengths: [0, 0, 0],
      tag: "[object URLPattern]",
    });
  });

  test("gives inputs and groups back", async () => {
    expect(
      await run(() => {
        const pattern = new URLPattern({ pathname: "/:kind/:id(\\d+)?" });
        const match = pattern.exec("books/7", "https://example.com/");
        return [match?.inputs, match?.pathname, pattern.exec({ pathname: "/books/x" })];
      }),
    ).toEqual([
      ["books/7", "https://example.com/"],
      { input: "/books/7", groups: { kind: "books", id: "7" } },
      null,
    ]);
  });

  test("keeps a group called __proto__ as a property", async () => {
    expect(
      await run(() => {
        const groups = new URLPattern({ pathname: "/:__proto__" }).exec({ pathname: "/x" })!.pathname.groups;
        return [Object.hasOwn(groups, "__proto__"), Object.getPrototypeOf(groups) === Object.prototype];
      }),
    ).toEqual([true, true]);
  });

  test("knows regular expressions, and the case when told to", async () => {
    expect(
      await run(() => [
        new URLPattern({ pathname: "/:a" }).hasRegExpGroups,
        new URLPattern({ pathname: "/:a([a-z]+-[0-9]+)" }).hasRegExpGroups,
        new URLPattern({ pathname: "/:a([a-z]+-[0-9]+)" }).test({ pathname: "/x-1" }),
        new URLPattern({ hash: "(a::b/c&&d)" }).test({ hash: "a::b/c&&d" }),
        new URLPattern({ hash: "([[a-z]--[b]]-[\\p{L}])" }).test({ hash: "c-d" }),
        new URLPattern({ pathname: "/Foo" }).test({ pathname: "/foo" }),
        new URLPattern({ pathname: "/Foo" }, { ignoreCase: true }).test({ pathname: "/foo" }),
        new URLPattern("/Foo", "https://x", { ignoreCase: true }).test("https://x/foo"),
      ]),
    ).toEqual([false, true, true, true, true, false, true, true]);
  });

  test("refuses wrong uses by TypeErrors", async () => {
    expect(
      await run(() => {
        const pattern = new URLPattern();
        const attempts: (() => unknown)[] = [
          () => new URLPattern("/relative"),
          () => new URLPattern({ pathname: "/(unclosed" }),
          () => new URLPattern({ pathname: "/:a/:a" }),
          () => new URLPattern({ pathname: "/([z-a])" }),
          () => new URLPattern({ pathname: "/a" }, "https://x" as never),
          () => new URLPattern("https://x/{a"),
          () => new URLPattern({ port: "x" }),
          () => pattern.test({ pathname: "/" }, "https://x"),
          () => Reflect.get(URLPattern.prototype, "pathname", {}),
          () => URLPattern.prototype.test.call({} as URLPattern, "https://x"),
        ];
        return attempts.map(attempt => {
          try {
            return `no exception: ${attempt()}`;
          } catch (error) {
            return error instanceof TypeError;
          }
        });
      }),
    ).toEqual(Array.from({ length: 10 }, () => true));
  });

  test("matches nothing where the input is no URL", async () => {
    expect(
      await run(() => {
        const pattern = new URLPattern({ pathname: "*" });
        return [
          pattern.test("nonsense"),
          pattern.exec("/a", "nonsense"),
          pattern.test({ baseURL: "nonsense" }),
        ];
      }),
    ).toEqual([false, null, false]);
  });
});
