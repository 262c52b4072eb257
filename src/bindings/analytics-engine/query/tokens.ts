/** SQL cut into tokens: enough to find words outside of strings and comments. */

export interface Token {
  readonly kind: "word" | "string" | "number" | "name" | "symbol" | "space";
  readonly text: string;
}

const PATTERN =
  /(?<space>\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<string>'(?:[^']|'')*(?:'|$))|(?<name>"(?:[^"]|"")*(?:"|$)|`[^`]*(?:`|$)|\[[^\]]*(?:\]|$))|(?<number>\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+)|(?<word>[\p{L}_$][\p{L}\p{N}_$]*)|(?<symbol>[\s\S])/giuy;

export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (const match of sql.matchAll(PATTERN)) {
    const kind = Object.entries(match.groups ?? {}).find(
      ([, text]) => text !== undefined,
    )?.[0] as Token["kind"];
    tokens.push({ kind, text: match[0] });
  }
  return tokens;
}

export const isWord = (token: Token | undefined, word: string) =>
  token?.kind === "word" && token.text.toUpperCase() === word;

export const isSymbol = (token: Token | undefined, symbol: string) =>
  token?.kind === "symbol" && token.text === symbol;
