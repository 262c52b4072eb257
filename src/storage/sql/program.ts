/** The program that SQLite makes of a statement (https://www.sqlite.org/opcode.html): its loops, and what it writes. */
import type { DatabaseSync } from "node:sqlite";

interface Instruction {
  readonly opcode: string;
  readonly cursor: number;
  readonly jump: number;
  readonly flags: number;
}

export interface Loop {
  readonly start: number;
  readonly end: number;
  readonly parent: Loop | undefined;
  /**
   * scan: of a table, whose steps SQLite counts by themselves; search: of an index or by rowid; virtual: of a virtual
   * table; sorted: of what the statement has gathered itself; queue: of a recursive query; plain: of no cursor.
   */
  readonly kind: "scan" | "search" | "virtual" | "sorted" | "queue" | "plain";
  /** Instructions in it, those of inner loops not counted. */
  readonly length: number;
  /** Of those, the ones until a row can be rejected. */
  readonly rejectLength: number;
  /** It looks at a row to see that the search is over. */
  readonly looksBeyond: boolean;
  /** The first time it need not look, having searched for equality. */
  readonly skipsFirstLook: boolean;
  /** It gives the statement's rows. */
  readonly returns: boolean;
  /** It changes rows. */
  readonly changes: boolean;
}

/** An instruction that places a cursor on a row. */
export interface Placing {
  readonly loop: Loop | undefined;
  /** The loop that it begins, which it does only when it finds a row; undefined where that does not matter. */
  readonly begins: Loop | undefined;
}

export interface Writes {
  /** Instructions that change a row and are counted as changes. */
  readonly changing: number;
  readonly indexes: number;
  /** Rows that are written beside, of the schema and of sqlite_sequence: the loop that they are in. */
  readonly beside: readonly (Loop | undefined)[];
}

export interface Program {
  /** Outer loops come before inner ones. */
  readonly loops: readonly Loop[];
  readonly placings: readonly Placing[];
  /** The instructions outside of loops. */
  readonly straight: number;
  /** Whether all rows of a table are counted at once. */
  readonly counts: boolean;
  readonly main: Writes;
  /** What triggers write. */
  readonly triggers: Writes;
}

const STEPS = new Set(["Next", "Prev", "VNext", "SorterNext"]);
const SEEKS = new Set(["SeekGE", "SeekGT", "SeekLE", "SeekLT"]);
const PLACING = new Set([...SEEKS, "Rewind", "Last", "SeekRowid", "NotExists", "Sort", "SorterSort"]);
/** What a search ends with, when a row is beyond its range. */
const BEYOND = /^(?:Idx(?:GT|GE|LT|LE)|Gt|Ge|Lt|Le)$/;
const COUNTED_CHANGE = 0x01;
const ONLY_FOR_HOOK = 0x40;
const FULLSCAN = 1;
const SEEKS_EQUAL = 0x02;

/** Reads the program of a statement. */
export function readProgram(database: DatabaseSync, sql: string): Program {
  // A statement that explains is itself no program to count.
  if (/^\s*explain\b/i.test(sql)) return NO_PROGRAM;
  const statement = database.prepare(`EXPLAIN ${sql}`);
  statement.setReturnArrays(true);
  const listing = statement.all() as unknown as [number, string, number, number, number, unknown, number][];
  const programs: Instruction[][] = [];
  for (const [address, opcode, cursor, p2, , , p5] of listing) {
    // The listing goes on with the programs of triggers.
    if (address === 0) programs.push([]);
    const hook = opcode === "Insert" && (p5 & ONLY_FOR_HOOK) !== 0;
    // Of a Delete the flags are where others have a jump.
    const flags = opcode === "Delete" ? p2 : p5;
    programs.at(-1)?.push({ opcode: hook ? "Noop" : opcode, cursor, jump: p2, flags });
  }
  return analyse(programs);
}

interface Range {
  readonly start: number;
  readonly end: number;
}

const within = (address: number, { start, end }: Range) => start <= address && address <= end;

/** What is executed once only, wherever it is. */
function onceIn(program: readonly Instruction[]): readonly Range[] {
  return program.flatMap(({ opcode, jump }, address) =>
    opcode === "Once" && jump > address ? [{ start: address + 1, end: jump - 1 }] : [],
  );
}

function analyse([main = [], ...triggers]: readonly (readonly Instruction[])[]): Program {
  const loops = loopsOf(main);
  const once = onceIn(main);
  const innermost = (address: number) => {
    const loop = loops.findLast(range => within(address, range));
    const first = once.find(range => within(address, range));
    return loop !== undefined && first !== undefined && !within(loop.start, first) ? undefined : loop;
  };
  const placings = main.flatMap(({ opcode }, address) => {
    if (!PLACING.has(opcode)) return [];
    const begins = loops.find(({ start }) => start > address && start <= address + 3);
    return [{ loop: innermost(address), begins: SEEKS.has(opcode) ? begins : undefined }];
  });
  return {
    loops,
    placings,
    straight: main.filter((_, address) => innermost(address) === undefined).length,
    counts: main.some(({ opcode }) => opcode === "Count"),
    main: writesOf(main, innermost),
    triggers: sum(triggers.map(program => writesOf(program, () => undefined))),
  };
}

export const NO_PROGRAM: Program = analyse([]);

interface Span extends Range {
  readonly kind: Loop["kind"];
}

function loopsOf(program: readonly Instruction[]): Loop[] {
  const own = cursorsOf(program, /^(?:OpenEphemeral|OpenAutoindex|OpenPseudo|SorterOpen|OpenDup)$/);
  const spans = program
    .flatMap((instruction, end): Span[] => {
      const kind = kindOf(instruction, end, program, own);
      return kind === undefined ? [] : [{ start: instruction.jump, end, kind }];
    })
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const equal = new Set(
    program.flatMap(({ opcode, flags, cursor }) =>
      /^Open(?:Read|Write)$/.test(opcode) && flags & SEEKS_EQUAL ? [cursor] : [],
    ),
  );
  const once = onceIn(program);
  const loops: Loop[] = [];
  for (const span of spans) {
    const apart = [
      ...spans.filter(({ start, end }) => start > span.start && end < span.end),
      ...once.filter(({ start, end }) => start > span.start && end < span.end),
    ];
    const body = program.filter(
      (_, address) => within(address, span) && !apart.some(range => within(address, range)),
    );
    const first = once.find(range => within(span.start, range));
    const before = program[span.start - 1];
    const reject = body.findIndex(({ opcode, jump }) => jump === span.end && opcode !== "Goto");
    loops.push({
      ...span,
      parent: loops.findLast(
        loop =>
          loop.start <= span.start &&
          span.end <= loop.end &&
          (first === undefined || within(loop.start, first)),
      ),
      length: body.length,
      rejectLength: reject < 0 ? body.length : reject + 2,
      looksBeyond: body.slice(0, 4).some(({ opcode, jump }) => BEYOND.test(opcode) && jump > span.end),
      skipsFirstLook: before !== undefined && SEEKS.has(before.opcode) && equal.has(before.cursor),
      returns: body.some(({ opcode }) => opcode === "ResultRow"),
      changes: body.some(isChange),
    });
  }
  return loops;
}

/** What an instruction repeats; undefined where it repeats nothing. */
function kindOf(
  { opcode, jump, flags, cursor }: Instruction,
  address: number,
  program: readonly Instruction[],
  own: ReadonlySet<number>,
): Loop["kind"] | undefined {
  if (jump > address) return undefined;
  if (opcode === "Goto") {
    const target = program[jump]?.opcode;
    return target === "Rewind"
      ? "queue"
      : target === "Yield" || target === "InitCoroutine"
        ? "plain"
        : undefined;
  }
  if (!STEPS.has(opcode)) return undefined;
  if (opcode === "VNext") return "virtual";
  if (opcode === "SorterNext" || own.has(cursor)) return "sorted";
  return flags === FULLSCAN ? "scan" : "search";
}

function cursorsOf(program: readonly Instruction[], opcodes: RegExp): Set<number> {
  return new Set(program.filter(({ opcode }) => opcodes.test(opcode)).map(({ cursor }) => cursor));
}

function isChange({ opcode, flags }: Instruction): boolean {
  if (opcode === "VUpdate" || opcode === "Clear") return true;
  return /^(?:Insert|Delete|IdxInsert)$/.test(opcode) && (flags & COUNTED_CHANGE) !== 0;
}

function writesOf(program: readonly Instruction[], innermost: (address: number) => Loop | undefined): Writes {
  const open = cursorsOf(program, /^OpenWrite$/);
  const written = program.flatMap((instruction, address) =>
    open.has(instruction.cursor) || /^(?:VUpdate|Clear)$/.test(instruction.opcode)
      ? [{ ...instruction, loop: innermost(address) }]
      : [],
  );
  const changing = written.filter(isChange);
  const other = written.filter(write => /^(?:Insert|IdxInsert)$/.test(write.opcode) && !isChange(write));
  const indexes = changing.length === 0 ? [] : other.filter(({ opcode }) => opcode === "IdxInsert");
  return {
    // Where rows are replaced, the deletion of the old one is no row written.
    changing: changing.filter(({ opcode }) => opcode !== "Delete").length || changing.length,
    indexes: indexes.length,
    beside: other.filter(write => !indexes.includes(write)).map(({ loop }) => loop),
  };
}

function sum(all: readonly Writes[]): Writes {
  return {
    changing: all.reduce((total, { changing }) => total + changing, 0),
    indexes: all.reduce((total, { indexes }) => total + indexes, 0),
    beside: all.flatMap(({ beside }) => beside),
  };
}
