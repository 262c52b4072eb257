/** Holds the source to its layout: who may import whom, no cycles, files that fit in a head. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const MAX_LINES = 500;

interface SourceFile {
  readonly path: string;
  readonly lines: number;
  /** Imports that are there at run time. */
  readonly values: readonly string[];
  /** All imports, types included. */
  readonly all: readonly string[];
}

const IMPORT = /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^"'`;]*?\sfrom\s+)?"(\.[^"]+)"/g;

const files = new Map<string, SourceFile>();
for (const path of globSync("src/**/*.ts", { cwd: ROOT })) {
  const text = readFileSync(join(ROOT, path), "utf8");
  const values: string[] = [];
  const all: string[] = [];
  for (const match of text.matchAll(IMPORT)) {
    const target = relative(ROOT, join(ROOT, dirname(path), match[2] ?? ""));
    all.push(target);
    if (match[1] === undefined && !importsOnlyTypes(match[0])) values.push(target);
  }
  files.set(path, { path, lines: text.split("\n").length - 1, values, all });
}

/** `import { type A, type B } from "…"` leaves nothing to import at run time. */
function importsOnlyTypes(statement: string): boolean {
  const names = /\{([^}]*)\}/.exec(statement)?.[1];
  if (names === undefined || /(?:import|export)\s+\w+\s*,/.test(statement)) return false;
  return names.split(",").every(name => name.trim() === "" || name.trim().startsWith("type "));
}

const isGuest = (path: string) =>
  /^src\/(?:guest\/|bindings\/guests\.ts$|(?:web|bindings)\/[^/]+\/guest(?:\/|\.ts$))/.test(path);
const isContract = (path: string) => /(?:contract|contracts)\.ts$/.test(path);

/** The layer of a file: the first that matches. */
function layerOf(path: string): string {
  if (isContract(path)) return "contract";
  if (isGuest(path)) return "guest";
  const [, first = "", second] = path.split("/");
  return second === undefined ? first : first;
}

/** The few files at the top that anyone on the host may use. */
const COMMON = ["errors.ts", "log.ts", "code-frame.ts", "digest.ts", "monotonic.ts", "send-text.ts"];

/** What each layer may import, by layer. A guest's files may import each other and contracts. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  cli: ["cli", "runtime", "config", "bundle", "bindings", "storage", ...COMMON],
  runtime: ["runtime", "config", "bundle", "server", "engine", "bindings", "web", "contract", ...COMMON],
  server: ["server", "engine", "web", "contract", ...COMMON],
  bundle: ["bundle", "config", "engine", ...COMMON],
  config: ["config", "bindings", ...COMMON],
  engine: ["engine", "web", "contract", ...COMMON],
  bindings: ["bindings", "web", "engine", "storage", "config", "contract", ...COMMON],
  web: ["web", "engine", "contract", ...COMMON],
  storage: ["storage", ...COMMON],
  guest: ["guest", "contract", "engine", "web", "bindings"],
  contract: ["contract", "engine"],
};

/** Files that guest code may import though they are not guest code: they run anywhere. */
const EVERYWHERE = ["src/engine/wire.ts"];

describe("architecture", () => {
  test("imports point one way", () => {
    const wrong: string[] = [];
    for (const file of files.values()) {
      const layer = layerOf(file.path);
      const allowed = ALLOWED[layer];
      if (allowed === undefined) continue;
      for (const target of file.all) {
        if (!allowed.includes(layerOf(target))) wrong.push(`${file.path} (${layer}) imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("guest code reaches the host through ops alone", () => {
    const wrong: string[] = [];
    for (const file of files.values()) {
      if (!isGuest(file.path)) continue;
      for (const target of file.values) {
        if (isGuest(target) || EVERYWHERE.includes(target)) continue;
        const inRoom = dirname(target).startsWith("src/web/") || dirname(target).startsWith("src/bindings/");
        if (inRoom && !/\/(?:host|pure|store|config)\.ts$/.test(target)) continue;
        wrong.push(`${file.path} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("nothing on the host imports guest code", () => {
    const wrong: string[] = [];
    for (const file of files.values()) {
      if (isGuest(file.path)) continue;
      for (const target of file.values) if (isGuest(target)) wrong.push(`${file.path} imports ${target}`);
    }
    expect(wrong).toEqual([]);
  });

  test("there are no import cycles among the host's modules", () => {
    expect(cycles(path => !isGuest(path))).toEqual([]);
  });

  test(`no file is longer than ${MAX_LINES} lines`, () => {
    const long = [...files.values()].filter(file => file.lines > MAX_LINES);
    expect(long.map(file => `${file.path}: ${file.lines}`)).toEqual([]);
  });

  test("every room with ops has a contract", () => {
    const rooms = new Set(
      [...files.keys()]
        .filter(path => /src\/(?:web|bindings)\/[^/]+\/(?:host|pure)\.ts$/.test(path))
        .map(dirname),
    );
    expect([...rooms].filter(room => !files.has(`${room}/contract.ts`))).toEqual([]);
  });
});

/** Each cycle once, as the path that closes it. */
function cycles(included: (path: string) => boolean): string[] {
  const found: string[] = [];
  const state = new Map<string, "open" | "done">();
  const visit = (path: string, trail: readonly string[]): void => {
    state.set(path, "open");
    for (const target of files.get(path)?.values ?? []) {
      if (!included(target)) continue;
      if (state.get(target) === "open")
        found.push([...trail.slice(trail.indexOf(target)), target].join(" → "));
      else if (!state.has(target)) visit(target, [...trail, target]);
    }
    state.set(path, "done");
  };
  for (const path of files.keys()) if (included(path) && !state.has(path)) visit(path, [path]);
  return found;
}
