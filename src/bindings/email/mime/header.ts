/** The header of a message (https://www.rfc-editor.org/rfc/rfc5322#section-2.2), read and edited as the bytes that it is. */

export interface Field {
  readonly name: string;
  /** Unfolded; a character for each byte. */
  readonly value: string;
  /** Where it begins, and where the next one does. */
  readonly start: number;
  readonly end: number;
}

export interface Header {
  readonly fields: readonly Field[];
  /** Whether an empty line ends it. */
  readonly complete: boolean;
  readonly lineEnd: "\r\n" | "\n";
}

const LF = 10;
const CR = 13;
/** Any printable character but the colon. */
const NAME = /^([\x21-\x39\x3b-\x7e]+)[ \t]*:/;

/** Reads the header. Lines that are no field are left out. */
export function parseHeader(message: Buffer): Header {
  const fields: Field[] = [];
  let lineEnd: Header["lineEnd"] = "\r\n";
  let at = 0;
  while (at < message.length) {
    const newline = message.indexOf(LF, at);
    const next = newline < 0 ? message.length : newline + 1;
    const end = newline < 0 ? next : newline - (message[newline - 1] === CR && newline > at ? 1 : 0);
    if (at === 0) lineEnd = newline > 0 && message[newline - 1] !== CR ? "\n" : "\r\n";
    if (end === at) return { fields, complete: true, lineEnd };
    const line = message.subarray(at, end).toString("latin1");
    const last = fields.at(-1);
    if (/^[ \t]/.test(line)) {
      if (last?.end === at) fields[fields.length - 1] = { ...last, value: last.value + line, end: next };
    } else {
      const name = NAME.exec(line);
      if (name?.[1] !== undefined) {
        fields.push({ name: name[1], value: line.slice(name[0].length), start: at, end: next });
      }
    }
    at = next;
  }
  return { fields, complete: false, lineEnd };
}

/** The value of the first field of that name, without white space around it; undefined where there is none. */
export function fieldOf({ fields }: Header, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return fields.find(field => field.name.toLowerCase() === wanted)?.value.trim();
}

/** The message without fields of that name. */
export function withoutField(message: Buffer, header: Header, name: string): Buffer {
  const wanted = name.toLowerCase();
  const kept: Buffer[] = [];
  let from = 0;
  for (const field of header.fields) {
    if (field.name.toLowerCase() !== wanted) continue;
    kept.push(message.subarray(from, field.start));
    from = field.end;
  }
  return from === 0 && kept.length === 0 ? message : Buffer.concat([...kept, message.subarray(from)]);
}

/** The message with these fields in front of its own. */
export function withFields(
  message: Buffer,
  { lineEnd }: Header,
  fields: readonly (readonly [name: string, value: string])[],
): Buffer {
  const lines = fields.map(([name, value]) => `${name}: ${value}${lineEnd}`).join("");
  return Buffer.concat([Buffer.from(lines, "utf8"), message]);
}
