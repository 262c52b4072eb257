/**
 * Cloudflare's SQL (https://developers.cloudflare.com/analytics/analytics-engine/sql-reference/) as SQLite takes it. They
 * differ in three places: intervals, functions with parameters of their own, and the FORMAT at the end.
 */
import { isSymbol, isWord, type Token, tokensOf } from "./tokens.ts";

const UNITS = /^(SECOND|MINUTE|HOUR|DAY|WEEK|MONTH|QUARTER|YEAR)S?$/i;
/** `quantileExactWeighted(0.5)(double1, _sample_interval)` */
const PARAMETRIC = /^(?:quantile|topK)/i;

/** A query for SQLite, with the functions of `functions.ts`. What it does not know it leaves as it is. */
export function translate(sql: string): string {
  const tokens = withoutFormat(tokensOf(sql));
  const output: Token[] = [];
  for (let at = 0; at < tokens.length; ) {
    const interval = intervalAt(tokens, at);
    if (interval === undefined) output.push(tokens[at++] as Token);
    else {
      placeInterval(output, interval.modifier);
      at = interval.next;
    }
  }
  return joinParameters(output)
    .map(({ text }) => text)
    .join("");
}

/** Results are shown as the command's options say; a FORMAT is taken away, with the semicolon. */
function withoutFormat(tokens: readonly Token[]): Token[] {
  const kept = [...tokens];
  const dropSpace = () => {
    while (kept.at(-1)?.kind === "space" || isSymbol(kept.at(-1), ";")) kept.pop();
  };
  dropSpace();
  const words = kept.filter(({ kind }) => kind !== "space");
  if (isWord(words.at(-2), "FORMAT") && words.at(-1)?.kind === "word") {
    for (let word = 0; word < 2; word++) {
      kept.pop();
      dropSpace();
    }
  }
  return kept;
}

/** `INTERVAL '1' DAY`, or `INTERVAL 1 DAY`, as a modifier of SQLite's `datetime`: "1 days". */
function intervalAt(tokens: readonly Token[], at: number): { modifier: string; next: number } | undefined {
  if (!isWord(tokens[at], "INTERVAL")) return undefined;
  const parts: string[] = [];
  let next = at + 1;
  for (; parts.length < 2 && next < tokens.length; next++) {
    const token = tokens[next] as Token;
    if (token.kind !== "space") parts.push(token.text);
  }
  const [, count] = /^'?(\d+(?:\.\d+)?)'?$/.exec(parts[0] ?? "") ?? [];
  const [, unit] = UNITS.exec(parts[1] ?? "") ?? [];
  if (count === undefined || unit === undefined) return undefined;
  return { modifier: modifierOf(Number(count), unit.toLowerCase()), next };
}

function modifierOf(count: number, unit: string): string {
  if (unit === "week") return `${7 * count} days`;
  if (unit === "quarter") return `${3 * count} months`;
  return `${count} ${unit}s`;
}

/** Behind `+` or `-` the interval moves the time before it; anywhere else it is an argument. */
function placeInterval(output: Token[], modifier: string): void {
  let sign = output.length - 1;
  while (output[sign]?.kind === "space") sign--;
  if (!isSymbol(output[sign], "+") && !isSymbol(output[sign], "-")) {
    output.push({ kind: "string", text: `'${modifier}'` });
    return;
  }
  const text = output[sign]?.text ?? "";
  output.length = sign;
  while (output.at(-1)?.kind === "space") output.pop();
  const start = startOfOperand(output);
  output.splice(start, 0, { kind: "word", text: "datetime" }, { kind: "symbol", text: "(" });
  output.push({ kind: "symbol", text: "," }, { kind: "string", text: `'${text}${modifier}'` });
  output.push({ kind: "symbol", text: ")" });
}

/** Where the operand at the end begins: a word, or what is in parentheses with the function before them. */
function startOfOperand(tokens: readonly Token[]): number {
  let at = tokens.length - 1;
  if (!isSymbol(tokens[at], ")")) return Math.max(0, at);
  for (let depth = 0; at >= 0; at--) {
    if (isSymbol(tokens[at], ")")) depth++;
    if (isSymbol(tokens[at], "(") && --depth === 0) break;
  }
  return Math.max(0, tokens[at - 1]?.kind === "word" ? at - 1 : at);
}

/** `topK(3)(blob1)` becomes `topK(3,blob1)`. */
function joinParameters(tokens: readonly Token[]): Token[] {
  const output: Token[] = [];
  /** The words before the parentheses that are open. */
  const open: (string | undefined)[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    if (isSymbol(token, "(")) {
      const before = output.at(-1);
      open.push(before?.kind === "word" ? before.text : undefined);
    } else if (isSymbol(token, ")")) {
      const word = open.pop();
      if (word !== undefined && PARAMETRIC.test(word) && isSymbol(tokens[at + 1], "(")) {
        open.push(undefined);
        output.push({ kind: "symbol", text: "," });
        at++;
        continue;
      }
    }
    output.push(token);
  }
  return output;
}
