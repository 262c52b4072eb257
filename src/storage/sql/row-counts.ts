/**
 * How many rows a statement has read and written, as D1 counts them: a row read is a step of a cursor onto a row of a
 * table or an index, a row written an entry made in a table or an index.
 *
 * D1 has a SQLite that counts both. An ordinary one counts the steps of full scans, and the instructions of the
 * statement's program that it has executed. The program says where loops are, how long they are, and what they write.
 * So scans, searches by key, and the rows of plain INSERT, UPDATE and DELETE come out exactly; how often a search of an
 * index went round follows from the instructions that are left. What depends on conditions inside of nested loops is an
 * estimate. Without the counters (Node.js before 26) rows read are at least those returned.
 */
import type { Loop, Program } from "./program.ts";

export interface Profile {
  readonly program: Program;
  /** Counters of the run; undefined where Node.js does not have them. */
  readonly fullscanSteps: number | undefined;
  readonly steps: number | undefined;
}

export interface ReadOutcome {
  readonly returned: number;
  /** The first value of the first row. */
  readonly first: unknown;
  /** Rows that the statement changed itself. */
  readonly changes: number;
}

export function rowsRead({ program, fullscanSteps, steps }: Profile, outcome: ReadOutcome): number {
  const { loops, placings, straight, counts } = program;
  const counted = counts && typeof outcome.first === "number" ? outcome.first : 0;
  if (fullscanSteps === undefined || steps === undefined) {
    const keys = placings.filter(({ loop, begins }) => loop === undefined && begins === undefined);
    return Math.max(keys.length, outcome.returned) + counted;
  }
  // It went past its loops: nothing can have been found.
  const idle = outcome.returned === 0 && outcome.changes === 0 && fullscanSteps === 0;
  if (idle && loops.length > 0 && steps < straight) return counted;
  // Straight on, and past a part of it: what is looked for after the first row is a condition's affair.
  if (loops.length === 0 && steps < straight) return counted + Math.min(1, placings.length);
  const rounds = roundsOf(program, fullscanSteps, steps, outcome);
  const times = (loop: Loop | undefined) => (loop === undefined ? 1 : (rounds.get(loop) ?? 0));
  let read = counted;
  for (const { loop, begins } of placings) {
    if (begins === undefined) read += times(loop) + (loop?.kind === "queue" ? 1 : 0);
    else read += Math.min(times(loop), times(begins));
  }
  if (loops.some(({ kind }) => kind === "scan")) read += fullscanSteps;
  for (const loop of loops) {
    if (loop.kind === "virtual") read += times(loop);
    else if (loop.kind === "search" || loop.kind === "sorted")
      read += Math.max(0, times(loop) - times(loop.parent));
  }
  return read;
}

/** How often each loop went round. */
function roundsOf(
  { loops, straight }: Program,
  fullscanSteps: number,
  steps: number,
  { returned, changes }: ReadOutcome,
): ReadonlyMap<Loop, number> {
  const rounds = new Map<Loop, number>();
  const yields = (loop: Loop) => (loop.returns ? returned : loop.changes ? changes : 0);
  let left = steps - straight;
  const settle = (loop: Loop, count: number) => {
    rounds.set(loop, count);
    const accepted = Math.min(count, yields(loop) || count);
    left -= accepted * loop.length + (count - accepted) * loop.rejectLength;
  };
  const scans = loops.filter(({ kind }) => kind === "scan");
  const [outer, inner] = scans;
  if (outer !== undefined && scans.length === 1) settle(outer, scanRounds(outer, fullscanSteps, left));
  else if (outer !== undefined && inner !== undefined && scans.length === 2 && inner.parent === outer) {
    // All rounds of the inner one are known, and with them what is left for the outer one.
    settle(inner, fullscanSteps + 1);
    settle(outer, Math.max(1, Math.round(left / outer.length)));
  } else {
    for (const loop of scans) settle(loop, Math.ceil((fullscanSteps + scans.length) / scans.length));
  }
  const gathered = scans.length > 0 ? fullscanSteps + 1 : 0;
  for (const loop of loops) if (loop.kind === "sorted") settle(loop, yields(loop) || gathered);
  const open = loops.filter(loop => !rounds.has(loop));
  const innermost = open.filter(loop => !open.some(({ parent }) => parent === loop));
  for (const loop of open) if (!innermost.includes(loop)) settle(loop, yields(loop));
  // Those that are fed by one another go round equally often.
  const length = innermost.reduce((total, loop) => total + loop.length, 0);
  for (const loop of innermost)
    rounds.set(loop, searchRounds(loop, (left * loop.length) / length, yields(loop)));
  return rounds;
}

function scanRounds(loop: Loop, fullscanSteps: number, left: number): number {
  return fullscanSteps === 0 && left < loop.rejectLength ? 0 : fullscanSteps + 1;
}

/** Rounds from the instructions executed in a loop, of which `accepted` rounds went to its end. */
function searchRounds(loop: Loop, executed: number, accepted: number): number {
  const looked = executed + (loop.skipsFirstLook ? 1 : 0);
  if (executed <= 0) return accepted;
  const rest = looked - accepted * loop.length;
  const each = accepted === 0 ? loop.length : loop.rejectLength;
  const rejected = Math.max(0, Math.floor(rest / each));
  // One row more was looked at, to see that it is beyond the range.
  const beyond = loop.looksBeyond && rest - rejected * each > 0 ? 1 : 0;
  return accepted + rejected + beyond;
}

export interface WriteOutcome {
  /** Rows changed in all. */
  readonly changes: number;
  /** Those that the statement changed itself, not by triggers. */
  readonly own: number;
  /** It made a row, and did not only change one. */
  readonly inserted: boolean;
}

export function rowsWritten({ program, fullscanSteps }: Profile, outcome: WriteOutcome): number {
  const { main, triggers } = program;
  const { changes, inserted } = outcome;
  if (changes === 0 && main.changing > 0) return 0;
  const own = Math.min(outcome.own, changes);
  // With ON CONFLICT a row is made or changed: each in its own way.
  const perRow = main.changing === 0 ? 0 : (main.changing + main.indexes) / main.changing;
  const direct = own * (inserted ? Math.ceil(perRow) : Math.floor(perRow));
  const beside = main.beside.reduce(
    (total, loop) => total + (loop === undefined ? 1 : (fullscanSteps ?? 0) + 1),
    0,
  );
  const { changing, indexes } = triggers;
  const perTrigger = changing === 0 ? 1 : (changing + indexes + triggers.beside.length) / changing;
  return direct + beside + Math.round((changes - own) * perTrigger);
}
