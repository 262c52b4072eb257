import { parse, TomlError } from "smol-toml";
import { codeFrame } from "../code-frame.ts";
import { UserError } from "../errors.ts";
import { type KeyPath, type ParsedFile, type Place, shortPath } from "./diagnostics.ts";

/** Parses TOML. Places are found by reading the text again, only when there is something to tell. */
export function parseToml(path: string, text: string, cwd: string): ParsedFile {
  let places: Map<string, Place> | undefined;
  return {
    path,
    text,
    value: parseOrThrow(path, text, cwd),
    locate: keys => {
      places ??= findKeys(text);
      for (let length = keys.length; length > 0; length--) {
        const place = places.get(id(keys.slice(0, length)));
        if (place !== undefined) return place;
      }
      return undefined;
    },
  };
}

function parseOrThrow(path: string, text: string, cwd: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column } = error;
    const [problem] = error.message.replace("Invalid TOML document: ", "").split("\n");
    throw new UserError(
      "CONFIG_SYNTAX",
      `${shortPath(cwd, path)}:${line}:${column}: ${problem}`,
      "Correct the syntax of the file.",
      { details: codeFrame(text, { line, column }) },
    );
  }
}

const HEADER = /^\s*(\[\[?)\s*([^\]]+?)\s*\]/;
const ASSIGNMENT = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/;
const KEY_PART = /[\w-]+|"[^"]*"|'[^']*'/g;

/** The line of each table and each assignment. The text is known to be valid, which makes this simple. */
function findKeys(text: string): Map<string, Place> {
  const places = new Map<string, Place>();
  const counts = new Map<string, number>();
  let table: (string | number)[] = [];
  let closing: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (closing !== undefined) {
      if (line.includes(closing)) closing = undefined;
      continue;
    }
    const header = HEADER.exec(line);
    const assignment = header === null ? ASSIGNMENT.exec(line) : null;
    const place = { line: index + 1, column: line.length - line.trimStart().length + 1 };
    if (header !== null) {
      table = tablePath(header[2]!, header[1] === "[[", counts);
      places.set(id(table), place);
      // A problem with the whole list points at its first table.
      const list = id(table.slice(0, -1));
      if (header[1] === "[[" && !places.has(list)) places.set(list, place);
    } else if (assignment !== null) {
      places.set(id([...table, ...keyParts(assignment[1]!)]), place);
      closing = unclosed(line);
    }
  }
  return places;
}

/** `a.b` inside the last element of every list of tables on the way. */
function tablePath(header: string, isList: boolean, counts: Map<string, number>): (string | number)[] {
  const path: (string | number)[] = [];
  const parts = keyParts(header);
  for (const [index, part] of parts.entries()) {
    path.push(part);
    const count = counts.get(id(path));
    if (isList && index === parts.length - 1) {
      counts.set(id(path), (count ?? 0) + 1);
      path.push(count ?? 0);
    } else if (count !== undefined) {
      path.push(count - 1);
    }
  }
  return path;
}

function keyParts(text: string): string[] {
  return Array.from(text.matchAll(KEY_PART), ([part]) => (/^["']/.test(part) ? part.slice(1, -1) : part));
}

/** The delimiter of a multi-line string that starts on this line and does not end on it. */
function unclosed(line: string): string | undefined {
  return ['"""', "'''"].find(quote => line.split(quote).length % 2 === 0);
}

function id(path: KeyPath): string {
  return JSON.stringify(path);
}
