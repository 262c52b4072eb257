import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { placeAt } from "../code-frame.ts";
import type { KeyPath, ParsedFile, Place } from "./diagnostics.ts";
import { notAnObject, setOwn, syntaxError } from "./parse.ts";

/** Parses JSON with comments and trailing commas. */
export function parseJsonc(path: string, text: string, cwd: string): ParsedFile {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) throw syntaxError(path, text, cwd, first.offset, describe(first.error));
  if (tree?.type !== "object") throw notAnObject(path, cwd);
  return {
    path,
    text,
    value: toValue(tree) as Record<string, unknown>,
    locate: keys => locate(tree, text, keys),
  };
}

function toValue(node: Node): unknown {
  if (node.type === "array") return (node.children ?? []).map(toValue);
  if (node.type !== "object") return node.value;
  const object: Record<string, unknown> = {};
  for (const property of node.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key !== undefined && value !== undefined) setOwn(object, key.value as string, toValue(value));
  }
  return object;
}

function locate(tree: Node, text: string, keys: KeyPath): Place | undefined {
  for (let length = keys.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, keys.slice(0, length) as (string | number)[]);
    if (node !== undefined) {
      const anchor = node.parent?.type === "property" ? node.parent : node;
      return placeAt(text, anchor.offset);
    }
  }
  return undefined;
}

/** By the names of jsonc-parser's error codes. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  InvalidSymbol: "this is not a JSON value",
  InvalidNumberFormat: "this is not a JSON number",
  PropertyNameExpected: "a property name in double quotes is expected here",
  ValueExpected: "a value is expected here",
  ColonExpected: "a colon is expected here",
  CommaExpected: "a comma is expected here",
  CloseBraceExpected: "a closing brace } is expected here",
  CloseBracketExpected: "a closing bracket ] is expected here",
  EndOfFileExpected: "nothing is expected after the object's end",
  UnexpectedEndOfString: "this string is not closed",
  UnexpectedEndOfComment: "this comment is not closed",
  UnexpectedEndOfNumber: "this number is not complete",
  InvalidUnicode: "this is not a valid \\u escape",
  InvalidEscapeCharacter: "JSON has no such escape",
  InvalidCharacter: "this character must be escaped",
};

function describe(code: ParseError["error"]): string {
  const name = printParseErrorCode(code);
  return DESCRIPTIONS[name] ?? name;
}
