/**
 * What SQL may do in a database that a worker owns: the rules of workerd, put to SQLite as an authorizer
 * (https://www.sqlite.org/c3ref/set_authorizer.html), which is asked about each step while a statement is compiled.
 */
import { constants } from "node:sqlite";

const words = (text: string) => new Set(text.split(/\s+/).filter(Boolean));

/** Functions that a worker may call. Names that SQLite's own ALTER TABLE calls are among them. */
const FUNCTIONS = words(`
  abs acos acosh asin asinh atan atan2 atanh avg bm25 ceil changes char coalesce concat concat_ws cos cosh count cume_dist
  current_date current_time current_timestamp date datetime degrees dense_rank exp first_value floor format glob group_concat
  hex highlight ifnull iif instr json json_array json_array_length json_each json_extract json_group_array
  json_group_object json_insert json_object json_patch json_quote json_remove json_replace json_set json_tree json_type
  json_valid jsonb jsonb_array jsonb_each jsonb_extract jsonb_group_array jsonb_group_object jsonb_insert jsonb_object
  jsonb_patch jsonb_remove jsonb_replace jsonb_set jsonb_tree julianday lag last_insert_rowid last_value lead length like
  likelihood likely ln load_extension log log2 lower ltrim match max min mod nth_value ntile nullif octet_length
  percent_rank pi pow printf quote radians random randomblob rank replace round row_number rtreecheck rtrim sign sin
  sinh snippet sqlite_drop_column sqlite_rename_column sqlite_rename_quotefix sqlite_rename_table sqlite_rename_test sqrt
  strftime string_agg substr substring sum tan tanh time timediff total total_changes trim trunc typeof unhex unicode
  unixepoch unlikely upper zeroblob -> ->>
`);

/** Functions that this build of SQLite has and D1's has not. */
const FOREIGN_FUNCTIONS = words(`
  median percentile percentile_cont percentile_disc soundex optimize matchinfo offsets fts3_tokenizer sqlite_offset
  geopoly_area geopoly_bbox geopoly_blob geopoly_ccw geopoly_contains_point geopoly_debug geopoly_group_bbox geopoly_json
  geopoly_overlap geopoly_regular geopoly_svg geopoly_within geopoly_xform
`);

/** Whether D1 would not know the function at all. */
export function isForeignFunction(name: string): boolean {
  return FOREIGN_FUNCTIONS.has(name.toLowerCase());
}

const MODULES = words("fts5 fts5vocab rtree rtree_i32");

type PragmaArgument = "none" | "any" | "boolean" | "name" | "optional name";

/** https://developers.cloudflare.com/d1/sql-api/sql-statements/#compatible-pragma-statements, and what workerd allows beside. */
const PRAGMAS: Readonly<Record<string, PragmaArgument>> = {
  case_sensitive_like: "boolean",
  data_version: "none",
  defer_foreign_keys: "boolean",
  foreign_key_check: "optional name",
  foreign_key_list: "name",
  foreign_keys: "boolean",
  ignore_check_constraints: "boolean",
  index_info: "name",
  index_list: "name",
  index_xinfo: "name",
  legacy_alter_table: "boolean",
  optimize: "any",
  page_size: "none",
  quick_check: "optional name",
  recursive_triggers: "boolean",
  reverse_unordered_selects: "boolean",
  table_info: "name",
  table_list: "optional name",
  table_xinfo: "name",
};

const BOOLEAN = /^(?:true|false|yes|no|on|off|1|0)/i;

/** What was learnt about a statement while it was compiled. */
export interface Authorization {
  /** It only reads. */
  readOnly: boolean;
  /** It is a PRAGMA, many of which take effect when they are compiled, and not when they run. */
  pragma: boolean;
  /** It alters a table, of whose new name SQLite does not ask. */
  alters: boolean;
  /** It would begin or end a transaction. */
  transaction: boolean;
  /** Steps that SQLite asked about. */
  asked: number;
}

type Args = readonly [a: string | null, b: string | null, database: string | null];

/** Decides about one step; notes in `seen` what it is. Returns SQLite's answer. */
export function authorize(seen: Authorization, action: number, ...args: Args): number {
  seen.asked++;
  note(seen, action);
  return allows(action, ...args) ? constants.SQLITE_OK : constants.SQLITE_DENY;
}

const READING = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_FUNCTION,
  constants.SQLITE_RECURSIVE,
]);

function note(seen: Authorization, action: number): void {
  if (READING.has(action)) return;
  seen.readOnly = false;
  if (action === constants.SQLITE_PRAGMA) seen.pragma = true;
  if (action === constants.SQLITE_ALTER_TABLE) seen.alters = true;
  if (action === constants.SQLITE_TRANSACTION || action === constants.SQLITE_SAVEPOINT)
    seen.transaction = true;
}

function allows(action: number, ...[a, b, database]: Args): boolean {
  // Of a column that is dropped, the third argument is the name.
  if (action === constants.SQLITE_ALTER_TABLE) return a === "main" && isFree(b);
  if (database !== null && database !== "main") {
    const touches = action === constants.SQLITE_READ || action === constants.SQLITE_UPDATE;
    return database === "temp" && touches && isFree(a);
  }
  switch (action) {
    case constants.SQLITE_SELECT:
    case constants.SQLITE_RECURSIVE:
      return true;
    case constants.SQLITE_READ:
      return isFree(a) && a !== "dbstat";
    case constants.SQLITE_UPDATE:
    case constants.SQLITE_INSERT:
    case constants.SQLITE_DELETE:
    case constants.SQLITE_CREATE_TABLE:
    case constants.SQLITE_DROP_TABLE:
    case constants.SQLITE_CREATE_VIEW:
    case constants.SQLITE_DROP_VIEW:
    case constants.SQLITE_ANALYZE:
    case constants.SQLITE_REINDEX:
      return isFree(a);
    case constants.SQLITE_CREATE_INDEX:
    case constants.SQLITE_DROP_INDEX:
    case constants.SQLITE_CREATE_TRIGGER:
    case constants.SQLITE_DROP_TRIGGER:
      return isFree(a) && isFree(b);
    case constants.SQLITE_CREATE_VTABLE:
    case constants.SQLITE_DROP_VTABLE:
      return isFree(a) && MODULES.has((b ?? "").toLowerCase());
    case constants.SQLITE_FUNCTION:
      return FUNCTIONS.has((b ?? "").toLowerCase());
    case constants.SQLITE_PRAGMA:
      return allowsPragma((a ?? "").toLowerCase(), b);
    default:
      return false;
  }
}

function allowsPragma(name: string, argument: string | null): boolean {
  const expected = Object.hasOwn(PRAGMAS, name) ? PRAGMAS[name] : undefined;
  switch (expected) {
    case "none":
      return argument === null;
    case "any":
      return true;
    case "boolean":
      return argument === null || BOOLEAN.test(argument.replace(/^(['"])(.*)\1$/s, "$2"));
    case "name":
      return argument !== null && isFree(argument);
    case "optional name":
      return argument === null || isFree(argument);
    default:
      return false;
  }
}

/** Names that begin with `_cf_` are the platform's own. */
export function isFree(name: string | null): boolean {
  return name === null || !/^_cf_/i.test(name);
}
