import { expect, test } from "vitest";
import { parametersOf, tokensOf } from "../../../src/storage/sql/lexer.ts";

const texts = (sql: string) => [...tokensOf(sql)].map(({ text }) => text);

test.each([
  ["", []],
  [" -- a comment\n/* another ' */ ", []],
  ["/* not ended", []],
  [
    "select 'it''s', \"a \"\" b\", `c`, [d ]",
    ["select", "'it''s'", ",", '"a "" b"', ",", "`c`", ",", "[d ]"],
  ],
  ["x'00ff' 'not ended", ["x'00ff'", "'not ended"]],
  ["1 1.5 .5e-3 0xFF 1_000", ["1", "1.5", ".5e-3", "0xFF", "1_000"]],
  ["a->>'$.b' || c<>d", ["a", "->>", "'$.b'", "||", "c", "<>", "d"]],
  ["é.日本 $", ["é", ".", "日本", "$"]],
])("the tokens of %j", (sql, expected) => {
  expect(texts(sql)).toEqual(expected);
});

test.each([
  ["select 1", []],
  ["?, ?", [null, null]],
  ["?2", [null, null]],
  ["?, ?5, ?", [null, null, null, null, null, null]],
  [":a, @b, $c, :a, ?", [":a", "@b", "$c", null]],
  ["'?' \"?\" -- ?\n/* :a */ [?]", []],
  ["$a::b(c)", ["$a::b(c)"]],
])("the parameters of %j", (sql, expected) => {
  expect(parametersOf(sql)).toEqual(expected);
});
