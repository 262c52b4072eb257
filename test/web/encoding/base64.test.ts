import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

const binary = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");

eachEngine("Base64", run => {
  test("btoa encodes bytes", async () => {
    const given = ["", "a", "ab", "abc", "\0", "ÿé", binary, binary.repeat(40)];
    const expected = given.map(text => Buffer.from(text, "latin1").toString("base64"));
    expect(await run(list => list.map(text => btoa(text)), given)).toEqual(expected);
  });

  test("atob decodes what btoa made", async () => {
    const given = ["", "a", "ab", "abc", binary, binary.repeat(40), `${binary}x`];
    expect(await run(list => list.map(text => atob(btoa(text))), given)).toEqual(given);
  });

  test("atob forgives what the standard forgives", async () => {
    const long = "QUJD".repeat(100);
    const given: [text: string, result: string | null][] = [
      ["", ""],
      [" \t\n\f\r", ""],
      ["YQ==", "a"],
      ["YQ", "a"],
      ["Y Q\n=\t=", "a"],
      ["YWI=", "ab"],
      ["YWI", "ab"],
      ["YWJj", "abc"],
      ["YR", "a"],
      ["YWJjZA==", "abcd"],
      [`${long} `, "ABC".repeat(100)],
      ["Y", null],
      ["YQ=", null],
      ["YQ===", null],
      ["=", null],
      ["====", null],
      ["YWJj=", null],
      ["Y=Q=", null],
      ["YQ-_", null],
      ["YQ\u00a0", null],
      ["YQ\v", null],
      ["ü", null],
      [`${long}!`, null],
    ];
    const actual = await run(
      list =>
        list.map(([text]) => {
          try {
            return [text, atob(text)] as [string, string | null];
          } catch (error) {
            return [text, (error as Error).name === "InvalidCharacterError" ? null : `${error}`] as [
              string,
              string | null,
            ];
          }
        }),
      given,
    );
    expect(actual).toEqual(given);
  });

  test("both convert their argument and throw DOMExceptions", async () => {
    expect(
      await run(() => {
        const attempt = (action: () => unknown) => {
          try {
            return action();
          } catch (error) {
            return [error instanceof DOMException, (error as Error).name, (error as DOMException).code];
          }
        };
        return [
          btoa(null as never),
          btoa(12 as never),
          atob(null as never).length,
          attempt(() => btoa("☃")),
          attempt(() => btoa(`${"a".repeat(500)}\u0100`)),
          attempt(() => atob("%")),
          attempt(() => (btoa as unknown as () => void)()),
          attempt(() => atob(Symbol("s") as never)),
          atob.length,
          btoa.name,
        ];
      }),
    ).toEqual([
      "bnVsbA==",
      "MTI=",
      3,
      [true, "InvalidCharacterError", 5],
      [true, "InvalidCharacterError", 5],
      [true, "InvalidCharacterError", 5],
      [false, "TypeError", null],
      [false, "TypeError", null],
      1,
      "btoa",
    ]);
  });
});
