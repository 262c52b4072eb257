/** D1 on the host: opens the database of a binding, and words what goes wrong with it. */
import type { HostOps } from "../../engine/ops.ts";
import { UserError } from "../../errors.ts";
import { storePaths } from "../../storage/paths.ts";
import { chooseStore, type StoreChoice } from "../stores.ts";
import type { D1AsyncOps, D1CrossingResult } from "./contract.ts";
import { type D1Limits, d1Limits } from "./limits.ts";
import { SqliteD1Store } from "./sqlite-store.ts";
import { type D1Answer, D1QueryError, type D1Store } from "./store.ts";

/** A `d1_databases` entry of the configuration. */
export interface D1Descriptor {
  readonly type: "d1";
  /** The property of `env`. */
  readonly name: string;
  /** Databases with one id are one database, whatever the bindings are called. The binding's name unless given. */
  readonly id?: string;
}

/** What a database is made from, besides its descriptor. */
export interface D1Environment extends StoreChoice {
  readonly stateDir: string;
}

/** The file of a database in the state folder. */
export function databaseFile({ id, name }: D1Descriptor, { stateDir }: D1Environment): string {
  return storePaths(stateDir, "d1", id ?? name).database;
}

/** The database of a descriptor: its user's own, else one in the state folder. Nothing is opened before the first call. */
export function createD1(
  descriptor: D1Descriptor,
  environment: D1Environment,
  limits: D1Limits = d1Limits,
): D1Store {
  const standard = () => new SqliteD1Store(databaseFile(descriptor, environment), limits);
  return chooseStore(environment, "d1", descriptor.id ?? descriptor.name, standard);
}

/** The ops of D1. */
export const d1Ops: HostOps<D1AsyncOps> = {
  async "d1.query"(context, binding, statements) {
    context.countSubrequest();
    try {
      const queries = statements.map(([sql, parameters]) => ({ sql, parameters }));
      const { bookmark, results } = await context.resource<D1Store>("d1", binding).query(queries);
      return [bookmark, results.map(crossing)];
    } catch (error) {
      return messageFor(error);
    }
  },

  async "d1.dump"(context, binding) {
    context.countSubrequest();
    try {
      return await context.resource<D1Store>("d1", binding).dump();
    } catch (error) {
      return messageFor(error);
    }
  },
};

function crossing(result: D1Answer["results"][number]): D1CrossingResult {
  const { columns, rows, changes, lastRowId, changed, size, rowsRead, rowsWritten, milliseconds } = result;
  return [columns, rows, changes, lastRowId, changed, size, rowsRead, rowsWritten, milliseconds];
}

/** What the worker hears of an error; one that is a bug is thrown on. */
function messageFor(error: unknown): string {
  if (error instanceof D1QueryError) return error.message;
  if (error instanceof UserError) return `${error.message} ${error.hint}`;
  throw error;
}
