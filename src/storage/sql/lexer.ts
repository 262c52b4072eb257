/** SQLite's tokens (https://www.sqlite.org/lang.html), as far as parameters and the places of errors need them. */

export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "parameter" | "symbol";
  readonly text: string;
  /** Where it begins, in UTF-16 code units. */
  readonly start: number;
}

const TOKEN = new RegExp(
  [
    /(?<space>[ \t\n\f\r]+|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?)/,
    /(?<string>[xX]?'(?:[^']|'')*'?)/,
    /(?<quoted>"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|\[[^\]]*\]?)/,
    /(?<number>0[xX][0-9a-fA-F_]*|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/,
    /(?<parameter>\?\d*|[:@#$][\w$\u0080-\uffff]+(?:::[\w$\u0080-\uffff]+)*(?:\([^\s)]*\))?)/,
    /(?<word>[\w$\u0080-\uffff]+)/,
    /(?<symbol>->>|->|<>|<=|>=|==|!=|<<|>>|\|\||[\s\S])/,
  ]
    .map(part => part.source)
    .join("|"),
  "gy",
);

/** The tokens of a text, without space and comments. */
export function* tokensOf(sql: string): Generator<Token> {
  TOKEN.lastIndex = 0;
  for (let at = 0; at < sql.length; ) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(sql);
    if (match === null) return;
    const kind = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined)?.[0];
    if (kind !== "space") yield { kind: kind as Token["kind"], text: match[0], start: at };
    at += match[0].length;
  }
}

/**
 * The parameters of a statement: at index n - 1 the name of the n-th one, or null where it has none. SQLite numbers
 * them so: `?` is the next number, `?5` is 5, and a name takes the next number when it is met for the first time.
 */
export function parametersOf(sql: string): readonly (string | null)[] {
  const names: (string | null)[] = [];
  if (!/[?:@#$]/.test(sql)) return names;
  for (const { kind, text } of tokensOf(sql)) {
    if (kind !== "parameter") continue;
    if (text === "?") names.push(null);
    else if (text[0] === "?") {
      const number = Number(text.slice(1));
      while (names.length < number) names.push(null);
    } else if (!names.includes(text)) names.push(text);
  }
  return names;
}

/** The text of an identifier, out of its quotes. */
export function unquoted(token: Token): string {
  if (token.kind !== "quoted") return token.text;
  const [quote = ""] = token.text;
  return token.text.slice(1, -1).replaceAll(quote + quote, quote);
}
