import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("URL", run => {
  test("is an interface in the sense of Web IDL", async () => {
    expect(
      await run(() => ({
        keys: Object.keys(URL.prototype),
        statics: Object.keys(URL),
        lengths: [URL.length, URL.canParse.length, URL.parse.length],
        tag: Object.prototype.toString.call(new URL("http://x")),
        own: Object.keys(new URL("http://x")),
        json: JSON.stringify({ url: new URL("http://x/a?b#c") }),
        text: `${new URL("http://x/a?b#c")}`,
      })),
    ).toEqual({
      keys: [
        ..."href origin protocol username password host hostname port pathname search searchParams hash".split(
          " ",
        ),
        "toJSON",
        "toString",
      ],
      statics: ["canParse", "parse", "createObjectURL", "revokeObjectURL"],
      lengths: [1, 1, 1],
      tag: "[object URL]",
      own: [],
      json: '{"url":"http://x/a?b#c"}',
      text: "http://x/a?b#c",
    });
  });

  test("the short ways end where Node.js does", async () => {
    const hosts = [
      "example.com",
      "localhost",
      "127.0.0.1",
      "x_1.y-2.z",
      "bücher.example",
      "ÀÉÎ.de",
      "straße.é-é.fr",
      "ñ.ñandú.es",
    ];
    hosts.push(
      "a.é.1",
      "xn--bcher-kva.é.ch",
      "àb.cÿ",
      "ßß.ßß",
      "þæð.øå",
      "é..è",
      ".é",
      "é.",
      "-é-.x",
      "×.com",
      "é÷.com",
      "日本.jp",
      "é日.jp",
    );
    const tails = [
      "",
      "/",
      "/a/b",
      "/a?b=c",
      "/#",
      "/#top",
      "/a#b?c",
      "/a?b#c",
      "/?#",
      "/a?b=c#d'e",
      "/a#b<c",
      "/a#b`c",
      "/a#b|{}^c",
      "/a?b'#c",
    ];
    tails.push(
      "/a/../b#c",
      "#x",
      "?x#y",
      "/a#b#c",
      "/%2e#a",
      "/a#é",
      "/a b#c",
      "/a#\u007f",
      ":8080/#a",
      ":80/a#b",
      ":443#a",
    );
    const inputs = hosts.flatMap(host => tails.map(tail => `http://${host}${tail}`));
    const bases = [
      "https://base.example/x/y?z#w",
      "http://b\u00fccher.de/a#b",
      "not a base",
      "https://base.example/x/y?z#w",
    ];
    const parts = ["href", "host", "pathname", "search", "hash", "origin"] as const;
    const look = (list: string[], withBases: string[], names: readonly (keyof URL)[]) => {
      const partsOf = (input: string, base?: string) =>
        URL.canParse(input, base) ? names.map(name => new URL(input, base)[name]).join(" ") : "invalid";
      return [
        ...list.map(input => partsOf(input)),
        ...withBases.flatMap(base => list.map(input => partsOf(input, base))),
      ];
    };
    expect(await run(look, [...inputs, ...tails], bases, parts)).toEqual(
      look([...inputs, ...tails], bases, parts),
    );
  });

  test("refuses wrong uses by TypeErrors", async () => {
    expect(
      await run(() => {
        const attempts: (() => unknown)[] = [
          () => new (URL as unknown as new () => URL)(),
          () => new URL("/relative"),
          () => new URL("x", "not a base"),
          () => new URL("http://x", ""),
          () => new URL(Symbol("s") as unknown as string),
          () => (URL as unknown as (url: string) => unknown)("http://x"),
          () => (URL.canParse as () => unknown)(),
          () => Reflect.get(URL.prototype, "href", {}),
          () => Reflect.set(URL.prototype, "hash", "a", {}),
          () => URL.prototype.toJSON.call({ href: "http://x" } as URL),
          () => {
            new URL("http://x").href = "nonsense";
          },
        ];
        return attempts.map(attempt => {
          try {
            return `no exception: ${attempt()}`;
          } catch (error) {
            return error instanceof TypeError;
          }
        });
      }),
    ).toEqual(Array.from({ length: 11 }, () => true));
  });

  test("says what is wrong in workerd's words", async () => {
    expect(
      await run(() => {
        try {
          new URL("nonsense");
        } catch (error) {
          return (error as Error).message;
        }
      }),
    ).toBe("Invalid URL string.");
  });

  test("takes the short way only where it leads to the same place", async () => {
    const given = [
      ["http://localhost:8787", "http://localhost:8787/"],
      ["http://localhost:8787?a", "http://localhost:8787/?a"],
      ["http://localhost:80/", "http://localhost/"],
      ["https://localhost:443/", "https://localhost/"],
      ["https://localhost:80/", "https://localhost:80/"],
      ["http://localhost:08787/", "http://localhost:8787/"],
      ["http://localhost:65535/", "http://localhost:65535/"],
      ["http://localhost:65536/", null],
      ["http://a.1/", null],
      ["http://1.2.3/", "http://1.2.0.3/"],
      ["http://127.0.0.1:1/a", "http://127.0.0.1:1/a"],
      ["http://127.0.0.01/a", "http://127.0.0.1/a"],
      ["http://a/b/./c/../d", "http://a/b/d"],
      ["http://a/b/%2E%2e/d", "http://a/d"],
      ["http://a/.well-known/x", "http://a/.well-known/x"],
      ["http://a/b\\c", "http://a/b/c"],
      ["http://a/b'c?d'e", "http://a/b'c?d%27e"],
      ["http://a/b|c^d?e^f|g", "http://a/b|c%5Ed?e^f|g"],
      ["http://a/b?c?d/../e", "http://a/b?c?d/../e"],
      ["http://user@a/b", "http://user@a/b"],
      ["http://xn--a/", "http://xn--a/"],
      ["HTTP://A/", "http://a/"],
      ["http://a/\tb", "http://a/b"],
      ["http://a/b ", "http://a/b"],
      ["http://a_b.c-d/e", "http://a_b.c-d/e"],
      ["http://a..b/", "http://a..b/"],
      ["http://a./", "http://a./"],
    ] as const;
    const parsed = await run(list => list.map(([input]) => [input, URL.parse(input)?.href ?? null]), given);
    expect(parsed).toEqual(given);
  });

  test("reads the parts of a URL that was taken the short way", async () => {
    expect(
      await run(() => {
        const url = new URL("https://example.com:8443/a/b?c=d");
        const { protocol, origin, host, hostname, port, pathname, search, hash, username, password } = url;
        return { protocol, origin, host, hostname, port, pathname, search, hash, username, password };
      }),
    ).toEqual({
      protocol: "https:",
      origin: "https://example.com:8443",
      host: "example.com:8443",
      hostname: "example.com",
      port: "8443",
      pathname: "/a/b",
      search: "?c=d",
      hash: "",
      username: "",
      password: "",
    });
  });

  test("shows one live searchParams object", async () => {
    expect(
      await run(() => {
        const url = new URL("http://x/?a=1&b=%C3%BC+%zz");
        const params = url.searchParams;
        const steps: unknown[] = [params === url.searchParams, [...params]];
        params.append("c", "ü ~'");
        steps.push(url.href);
        url.search = "?q=%20";
        steps.push([...params], params.size);
        url.href = "http://y/?z";
        steps.push([...params]);
        params.delete("z");
        steps.push(url.href);
        url.search = "x=1";
        const iterator = params.entries();
        iterator.next();
        params.append("y", "2");
        steps.push(iterator.next().value, iterator.next().done);
        return steps;
      }),
    ).toEqual([
      true,
      [
        ["a", "1"],
        ["b", "ü %zz"],
      ],
      "http://x/?a=1&b=%C3%BC+%25zz&c=%C3%BC+%7E%27",
      [["q", " "]],
      1,
      [["z", ""]],
      "http://y/",
      ["y", "2"],
      true,
    ]);
  });

  test("has opaque origins", async () => {
    const given = [
      ["blob:https://a:1/b", "https://a:1"],
      ["blob:ftp://a/b", "null"],
      ["blob:nonsense", "null"],
      ["file:///a", "null"],
      ["data:,x", "null"],
      ["wss://a/", "wss://a"],
    ] as const;
    expect(await run(list => list.map(([href]) => [href, new URL(href).origin]), given)).toEqual(given);
  });

  test("survives hostile lengths", async () => {
    expect(
      await run(() => {
        const long = "a".repeat(200_000);
        return [
          URL.canParse(`http://${long}.com/`),
          URL.canParse(`http://${"1.".repeat(50_000)}/`),
          URL.canParse(`http://[${":".repeat(100_000)}]/`),
          new URL(`http://a/${"../".repeat(50_000)}x`).pathname,
          new URL(`http://a/${" ".repeat(100_000)}b`).pathname.length,
          new URL(`http://a${" ".repeat(200_000)}`).href,
          URL.canParse(`http://${"%41".repeat(50_000)}@:80`),
          URL.canParse(`http://${"a.".repeat(50_000)}\u00fc/`),
        ];
      }),
    ).toEqual([true, false, false, "/x", 300_002, "http://a/", false, expect.any(Boolean)]);
  });
});
