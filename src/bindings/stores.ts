/** Stores in place of those of the state folder. One line per room that has a store of its own interface. */
import { UserError } from "../errors.ts";
import type { CacheStore } from "./cache/store.ts";
import type { D1Store } from "./d1/store.ts";
import type { KVStore } from "./kv/store.ts";
import type { R2Store } from "./r2/store.ts";

/** The interface of each kind of store. */
export interface StoreKinds {
  readonly cache: CacheStore;
  readonly d1: D1Store;
  readonly kv: KVStore;
  readonly r2: R2Store;
}

/** What every store of a kind must have. */
const METHODS: { readonly [Kind in keyof StoreKinds]: readonly (keyof StoreKinds[Kind] & string)[] } = {
  cache: ["match", "put", "delete", "clear", "close"],
  d1: ["query", "script", "export", "dump", "close"],
  kv: ["get", "put", "delete", "list", "close"],
  r2: [
    "head",
    "get",
    "put",
    "delete",
    "list",
    "createUpload",
    "getUpload",
    "listUploads",
    "putPart",
    "listParts",
    "completeUpload",
    "abortUpload",
    "close",
  ],
};

/**
 * Functions that make the stores behind bindings. Each is called once for an id, when the worker first uses a binding of that
 * id: a KV namespace's or a D1 database's id; a bucket's name; "caches" for the Cache API, all of whose caches are in one
 * store. `standard` makes the store of the state folder, for ids that are to have it, or to be wrapped. A store is closed when
 * its worker is disposed of.
 */
export type StoreFactories = {
  readonly [Kind in keyof StoreKinds]?: (id: string, standard: () => StoreKinds[Kind]) => StoreKinds[Kind];
};

/** The part of a room's environment that says whose stores are used. */
export interface StoreChoice {
  readonly stores?: StoreFactories | undefined;
}

/** The store that a binding is to have: the one that its user makes, else the standard one. */
export function chooseStore<Kind extends keyof StoreKinds>(
  { stores }: StoreChoice,
  kind: Kind,
  id: string,
  standard: () => StoreKinds[Kind],
): StoreKinds[Kind] {
  const make = stores?.[kind];
  if (make === undefined) return standard();
  const store: unknown = make(id, standard);
  const lacks = METHODS[kind].filter(
    method => typeof (store as Readonly<Record<string, unknown>> | null | undefined)?.[method] !== "function",
  );
  if (lacks.length === 0) return store as StoreKinds[Kind];
  throw new TypeError(
    `stores.${kind}(${JSON.stringify(id)}) returned something that is no store: it lacks ${lacks.join(", ")}.`,
  );
}

/** Throws where factories are given that nothing would call. */
export function checkStores(stores: StoreFactories | undefined): void {
  if (stores === undefined) return;
  const kinds = Object.keys(METHODS);
  for (const [kind, make] of Object.entries(stores)) {
    if (kinds.includes(kind) && (typeof make === "function" || make === undefined)) continue;
    throw new UserError(
      "USAGE",
      kinds.includes(kind)
        ? `stores.${kind} is not a function.`
        : `There are no stores of the kind "${kind}".`,
      `It is an object of functions that make stores: ${kinds.join(", ")}.`,
    );
  }
}
