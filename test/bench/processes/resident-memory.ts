/** How much memory a process and its descendants hold, from /proc. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const KIB = 1024;

/** Why memory cannot be measured here; undefined where it can. */
export function memoryIsUnreadable(): string | undefined {
  return process.platform === "linux" ? undefined : "memory is read from /proc, which only Linux has";
}

/** Resident bytes now, of all of them together. */
export function residentBytes(pid: number): number {
  return sum(family(pid), member => statusBytes(member, "VmRSS"));
}

/** Forgets the peaks so far. */
export function resetPeaks(pid: number): void {
  for (const member of family(pid)) writeFileSync(`/proc/${member}/clear_refs`, "5");
}

/** The sum of each one's peak since `resetPeaks`: at least as much as they ever held together. */
export function peakBytes(pid: number): number {
  return sum(family(pid), member => statusBytes(member, "VmHWM"));
}

function sum(pids: readonly number[], measure: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + measure(pid), 0);
}

/** The process and all its descendants. */
function family(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? parentOf(pid) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const members = [root];
  for (const member of members) members.push(...(children.get(member) ?? []));
  return members;
}

function parentOf(pid: number): number | undefined {
  try {
    // The second field, the program's name, is in brackets and may hold anything; the fourth is the parent.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}

function statusBytes(pid: number, field: "VmRSS" | "VmHWM"): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, "m").exec(status)?.[1] ?? 0) * KIB;
  } catch {
    // It ended since it was listed.
    return 0;
  }
}
