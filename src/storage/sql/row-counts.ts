/**
 * How many rows a statement has read and written, as D1 counts them: a row read is a step of a cursor onto a row of a
 * table or an index, a row written an entry made in a table or an index.
 *
 * D1 has a SQLite that counts both. An ordinary one counts the steps of full scans, and the instructions of the
 * statement's program that it has executed. The program itself (EXPLAIN) says where loops are, how long they are, and
 * what they write. Scans, searches by key, and rows written by plain statements come out exactly; how often a search by
 * index went round follows from the instructions that are left. What depends on conditions inside of nested loops is an
 * estimate. Without the counters (Node.js before 26) rows read are at least those returned.
 */
import type { DatabaseSync } from "node:sqlite";

interface Instruction {
  readonly opcode: string;
  readonly cursor: number;
  readonly jump: number;
  readonly flags: number;
}

interface Loop {
  readonly start: number;
  readonly end: number;
  readonly parent: Loop | undefined;
  /** SQLite counts its steps by themselves. */
  readonly scan: boolean;
  /** It goes through what the statement has sorted or gathered itself. */
  readonly sorted: boolean;
  /** Instructions in it, those of inner loops not counted. */
  readonly length: number;
  /** Of those, the ones until a row can be rejected. */
  readonly rejectLength: number;
  /** It gives the statement's rows. */
  readonly returns: boolean;
  /** It changes rows. */
  readonly changes: boolean;
}

export interface Program {
  readonly loops: readonly Loop[];
  /** Instructions that place a cursor on a row, by the loop that they are in. */
  readonly entries: readonly (Loop | undefined)[];
  /** The instructions outside of loops. */
  readonly straight: number;
  /** Whether all rows of a table were counted at once. */
  readonly counts: boolean;
  readonly main: Writes;
  /** What triggers write. */
  readonly triggers: Writes;
}

interface Writes {
  /** Instructions that change a row and are counted as changes. */
  readonly changing: number;
  readonly indexes: number;
  /** Rows that are written beside: of the schema, of sqlite_sequence; by the loop that they are in. */
  readonly beside: readonly (Loop | undefined)[];
}

export interface Profile {
  readonly program: Program;
  readonly fullscanSteps: number | undefined;
  readonly steps: number | undefined;
}

const STEPS = new Set(["Next", "Prev", "VNext", "SorterNext"]);
const PLACING = new Set([
  "Rewind",
  "Last",
  "SeekGE",
  "SeekGT",
  "SeekLE",
  "SeekLT",
  "SeekRowid",
  "NotExists",
  "Sort",
  "SorterSort",
]);
const COUNTED_CHANGE = 0x01;
const ONLY_FOR_HOOK = 0x40;
const FULLSCAN = 1;

/** Reads the program of a statement. */
export function readProgram(database: DatabaseSync, sql: string): Program {
  // A statement that explains is itself no program to count.
  if (/^\s*explain\b/i.test(sql)) return NO_PROGRAM;
  const statement = database.prepare(`EXPLAIN ${sql}`);
  statement.setReturnArrays(true);
  const listing = statement.all() as unknown as [number, string, number, number, number, unknown, number][];
  const programs: Instruction[][] = [];
  for (const [address, opcode, p1, p2, , , p5] of listing) {
    if (address === 0) programs.push([]);
    // Of a Delete the flags are elsewhere; an Insert may be there for a hook alone.
    if (opcode === "Insert" && (p5 & ONLY_FOR_HOOK) !== 0)
      programs.at(-1)?.push({ opcode: "Noop", cursor: p1, jump: 0, flags: 0 });
    else programs.at(-1)?.push({ opcode, cursor: p1, jump: p2, flags: opcode === "Delete" ? p2 : p5 });
  }
  return compute(programs);
}

function compute([main = [], ...triggers]: readonly (readonly Instruction[])[]): Program {
  const loops = loopsOf(main);
  const innermost = (address: number) =>
    loops.filter(loop => loop.start <= address && address <= loop.end).at(-1);
  return {
    loops,
    entries: main.flatMap(({ opcode }, address) => (PLACING.has(opcode) ? [innermost(address)] : [])),
    straight: main.filter((_, address) => innermost(address) === undefined).length,
    counts: main.some(({ opcode }) => opcode === "Count"),
    main: writesOf(main, innermost),
    triggers: triggers
      .map(program => writesOf(program, () => undefined))
      .reduce(
        (sum, writes) => ({
          changing: sum.changing + writes.changing,
          indexes: sum.indexes + writes.indexes,
          beside: [...sum.beside, ...writes.beside],
        }),
        { changing: 0, indexes: 0, beside: [] } as Writes,
      ),
  };
}

export const NO_PROGRAM: Program = compute([]);

/** Outer loops come before inner ones. */
function loopsOf(program: readonly Instruction[]): Loop[] {
  const spans = program
    .flatMap(({ opcode, jump, flags, cursor }, end) =>
      STEPS.has(opcode) && jump <= end ? [{ start: jump, end, opcode, flags, cursor }] : [],
    )
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const ephemeral = cursorsOf(program, /^(?:OpenEphemeral|OpenAutoindex|OpenPseudo|SorterOpen|OpenDup)$/);
  const loops: Loop[] = [];
  for (const { start, end, opcode, flags, cursor } of spans) {
    const inner = spans.filter(span => span.start > start && span.end < end);
    const own = (address: number) =>
      address >= start && address <= end && !inner.some(span => address >= span.start && address <= span.end);
    const body = program.flatMap((instruction, address) =>
      own(address) ? [{ ...instruction, address }] : [],
    );
    const reject = body.findIndex(({ jump, opcode }) => jump === end && opcode !== "Goto");
    loops.push({
      start,
      end,
      parent: loops.findLast(loop => loop.start <= start && end <= loop.end),
      scan: flags === FULLSCAN && opcode !== "SorterNext",
      sorted: opcode === "SorterNext" || ephemeral.has(cursor),
      length: body.length,
      rejectLength: reject < 0 ? body.length : reject + 2,
      returns: body.some(({ opcode }) => opcode === "ResultRow"),
      changes: body.some(({ opcode, flags }) => isChange(opcode, flags)),
    });
  }
  return loops;
}

function cursorsOf(program: readonly Instruction[], opcodes: RegExp): Set<number> {
  return new Set(program.filter(({ opcode }) => opcodes.test(opcode)).map(({ cursor }) => cursor));
}

const isChange = (opcode: string, flags: number) =>
  /^(?:VUpdate|Clear)$/.test(opcode) ||
  (/^(?:Insert|Delete|IdxInsert)$/.test(opcode) && (flags & COUNTED_CHANGE) !== 0);

function writesOf(program: readonly Instruction[], innermost: (address: number) => Loop | undefined): Writes {
  const open = cursorsOf(program, /^OpenWrite$/);
  const written = program.flatMap((instruction, address) =>
    open.has(instruction.cursor) || /^(?:VUpdate|Clear)$/.test(instruction.opcode)
      ? [{ ...instruction, address }]
      : [],
  );
  const changing = written.filter(({ opcode, flags }) => isChange(opcode, flags));
  const other = written.filter(
    ({ opcode, flags }) => /^(?:Insert|IdxInsert)$/.test(opcode) && !isChange(opcode, flags),
  );
  const indexes = changing.length === 0 ? [] : other.filter(({ opcode }) => opcode === "IdxInsert");
  return {
    changing: changing.filter(({ opcode }) => opcode !== "Delete").length || changing.length,
    indexes: indexes.length,
    beside: other.filter(write => !indexes.includes(write)).map(({ address }) => innermost(address)),
  };
}

export interface ReadOutcome {
  readonly returned: number;
  readonly first: unknown;
  readonly changes: number;
}

export function rowsRead({ program, fullscanSteps, steps }: Profile, outcome: ReadOutcome): number {
  const { loops, entries, counts } = program;
  const counted = counts && typeof outcome.first === "number" ? outcome.first : 0;
  if (fullscanSteps === undefined || steps === undefined) {
    return Math.max(entries.filter(loop => loop === undefined).length, outcome.returned) + counted;
  }
  const rounds = roundsOf(program, fullscanSteps, steps, outcome);
  const times = (loop: Loop | undefined) => (loop === undefined ? 1 : (rounds.get(loop) ?? 0));
  const placed = entries.reduce((sum, loop) => sum + times(loop), 0);
  let stepped = loops.some(loop => loop.scan) ? fullscanSteps : 0;
  for (const loop of loops) {
    if (!loop.scan) stepped += Math.max(0, (rounds.get(loop) ?? 0) - times(loop.parent));
  }
  return placed + stepped + counted;
}

/** How often each loop went round. */
function roundsOf(
  { loops, straight }: Program,
  fullscanSteps: number,
  steps: number,
  { returned, changes }: ReadOutcome,
): Map<Loop, number> {
  const rounds = new Map<Loop, number>();
  const outcomeOf = (loop: Loop) => (loop.returns ? returned : loop.changes ? changes : 0);
  const scans = loops.filter(loop => loop.scan);
  const outerScan = scans[0];
  const unknown: Loop[] = [];
  for (const loop of loops) {
    if (loop.sorted && !loop.scan) rounds.set(loop, outcomeOf(loop) || (outerScan ? fullscanSteps + 1 : 0));
    else if (loop === outerScan && scans.length === 1) rounds.set(loop, fullscanSteps + 1);
    else unknown.push(loop);
  }
  // Of scans within scans only the sum of their steps is known: the outer one has its share of the instructions.
  if (scans.length > 1 && outerScan !== undefined) {
    const nested = scans.filter(loop => loop.parent === outerScan);
    const rest =
      nested.length === 0
        ? Math.ceil((fullscanSteps + scans.length) / scans.length)
        : Math.sqrt(fullscanSteps);
    for (const loop of scans) rounds.set(loop, Math.round(rest));
  }
  let left = steps - straight;
  for (const [loop, count] of rounds) {
    const accepted = Math.min(count, outcomeOf(loop) || count);
    left -= accepted * loop.length + (count - accepted) * loop.rejectLength;
  }
  const searching = unknown.filter(loop => !rounds.has(loop));
  const innermost = searching.filter(loop => !searching.some(other => other.parent === loop));
  for (const loop of searching) {
    if (!innermost.includes(loop)) {
      rounds.set(loop, outcomeOf(loop));
      continue;
    }
    const share = Math.max(0, left) / innermost.length;
    const accepted = outcomeOf(loop);
    const rejected = (share - accepted * loop.length) / loop.rejectLength;
    rounds.set(
      loop,
      accepted === 0 ? Math.round(share / loop.length) : Math.max(accepted, Math.round(accepted + rejected)),
    );
  }
  return rounds;
}

export interface WriteOutcome {
  /** Rows changed in all. */
  readonly changes: number;
  /** Those that the statement changed itself, not by triggers. */
  readonly own: number;
  /** It made a row, and did not only change one. */
  readonly inserted: boolean;
}

export function rowsWritten(profile: Profile, { changes, own, inserted }: WriteOutcome): number {
  const { main, triggers, loops } = profile.program;
  if (changes === 0 && main.changing > 0) return 0;
  // With ON CONFLICT a row is made or changed: each in its own way.
  const perRow = main.changing === 0 ? 0 : (main.changing + main.indexes) / main.changing;
  const direct = Math.min(own, changes) * (inserted ? Math.ceil(perRow) : Math.floor(perRow));
  const rounds = (profile.fullscanSteps ?? 0) + 1;
  const beside = main.beside.reduce(
    (sum, loop) => sum + (loop === undefined || loops.length === 0 ? 1 : rounds),
    0,
  );
  const perTrigger =
    triggers.changing === 0
      ? 1
      : (triggers.changing + triggers.indexes + triggers.beside.length) / triggers.changing;
  return direct + beside + Math.round((changes - Math.min(own, changes)) * perTrigger);
}
