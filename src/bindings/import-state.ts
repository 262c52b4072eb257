/** The state that wrangler or Miniflare left, into the stores of a project. */
import type { Config } from "../config/config.ts";
import { quoteName } from "../storage/sql/quote.ts";
import { type WranglerDatabase, type WranglerKind, WranglerState } from "../storage/wrangler/state.ts";
import { createCaches } from "./cache/host.ts";
import { importCache } from "./cache/import.ts";
import { databaseFile } from "./d1/host.ts";
import { importD1 } from "./d1/import.ts";
import type { ResourceEnvironment } from "./hosts.ts";
import type { ImportCounts } from "./import-counts.ts";
import { openKVStore } from "./kv/host.ts";
import { importKV } from "./kv/import.ts";
import { openR2Store } from "./r2/host.ts";
import { importR2 } from "./r2/import.ts";

interface Import {
  readonly state: WranglerState;
  readonly source: WranglerDatabase;
  readonly config: Config;
  readonly environment: ResourceEnvironment;
}

type Importer = (what: Import) => Promise<Imported>;

interface Imported extends ImportCounts {
  /** What messages call it. */
  readonly target: string;
}

/** One line per kind. */
const importers: Readonly<Record<WranglerKind, Importer>> = {
  async kv({ state, source, config, environment }) {
    const id = targetId(config, "kv", source.name);
    const store = openKVStore(id, environment);
    try {
      return { target: `KV namespace "${id}"`, ...(await importKV(state, source, store, environment)) };
    } finally {
      await store.close();
    }
  },
  async r2({ state, source, config, environment }) {
    const id = targetId(config, "r2", source.name);
    const store = openR2Store(id, environment);
    try {
      return { target: `R2 bucket "${id}"`, ...(await importR2(state, source, store)) };
    } finally {
      await store.close();
    }
  },
  async d1({ state, source, config, environment }) {
    const id = targetId(config, "d1", source.name);
    const file = databaseFile({ type: "d1", name: id }, environment);
    return { target: `D1 database "${id}"`, ...(await importD1(state, source, file)) };
  },
  async cache({ state, source, environment }) {
    const caches = createCaches(undefined, environment);
    try {
      return { target: `cache "${source.name}"`, ...(await importCache(state, source, caches)) };
    } finally {
      await caches.close();
    }
  },
};

/** Says what was done, and what was not. */
export interface ImportLog {
  log(message: string): void;
  warn(message: string): void;
}

/** Copies all that is known of the state in `directory` (or below it) into the stores of a project. */
export async function importState(
  directory: string,
  config: Config,
  environment: ResourceEnvironment,
  log: ImportLog,
): Promise<void> {
  const state = await WranglerState.find(directory);
  for (const [kind, importer] of Object.entries(importers)) {
    const { known, unknown } = await state.databases(kind as WranglerKind, namesOf(config, kind));
    for (const source of known) {
      const { target, added, replaced, unchanged, leftOut } = await importer({
        state,
        source,
        config,
        environment,
      });
      if (leftOut !== undefined) log.warn(`${target}: ${leftOut} are left out`);
      if (added + replaced + unchanged === 0) continue;
      log.log(`${target}: ${added} added, ${replaced} replaced, ${unchanged} unchanged`);
    }
    for (const file of unknown)
      if (await hasRows(state, file)) log.warn(`${file} is left out: ${nameless(kind)}`);
  }
  for (const { name, count } of await state.others()) {
    const objects = `${count} ${count === 1 ? "object" : "objects"}`;
    log.warn(`${name} is left out (${objects}): this version has no such storage`);
  }
}

/** The names by which wrangler may have called what the configuration has. */
function namesOf(config: Config, kind: string): Set<string> {
  const names = new Set<string>();
  for (const binding of config.bindings) {
    if (binding.type !== kind) continue;
    for (const field of ["id", "name", "previewId", "productionId", "databaseId"]) {
      const value = binding[field];
      if (typeof value === "string") names.add(value);
    }
  }
  return names;
}

/** Here as there, but for a binding without an id: wrangler calls its data as the binding, worker adds its own name. */
function targetId(config: Config, kind: string, name: string): string {
  const id = `${name}-${config.name}`;
  const isOurs = config.bindings.some(
    binding => binding.type === kind && binding.name === name && binding["id"] === id,
  );
  return isOurs ? id : name;
}

const CONFIGURATION_KEYS: Readonly<Record<string, string>> = {
  d1: "d1_databases",
  kv: "kv_namespaces",
  r2: "r2_buckets",
};

function nameless(kind: string): string {
  const key = CONFIGURATION_KEYS[kind];
  return key === undefined
    ? "its name cannot be told"
    : `nothing in ${key} has the id that it is named after`;
}

/** Whether anything is in a database: wrangler makes empty ones for whatever it looks at. */
function hasRows(state: WranglerState, file: string): Promise<boolean> {
  return state.read(file, connection => {
    const tables = connection
      .prepare<[], string>(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'",
      )
      .pluck()
      .all();
    return tables.some(
      name => connection.prepare(`SELECT 1 FROM ${quoteName(name)} LIMIT 1`).get() !== undefined,
    );
  });
}
