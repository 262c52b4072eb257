import * as z from "zod/mini";
import { type BindingConfig, bindingSlice, text } from "../../config/slice.ts";

export interface D1Binding extends BindingConfig {
  readonly type: "d1";
  /** Names the database: two bindings with one id see the same data. */
  readonly id: string;
  /** Null where the configuration gives none. */
  readonly databaseName: string | null;
  readonly databaseId: string | null;
  /** Where `d1 migrations apply` keeps its account. */
  readonly migrationsTable: string;
  /** Relative to the configuration file. */
  readonly migrationsDir: string;
  /** Which files are migrations, relative to the configuration file; null: the `.sql` files of `migrationsDir`. */
  readonly migrationsPattern: string | null;
}

const DEFAULT_MIGRATIONS_TABLE = "d1_migrations";
const DEFAULT_MIGRATIONS_DIR = "migrations";

/** `d1_databases`: https://developers.cloudflare.com/workers/wrangler/configuration/#d1-databases */
export const d1Config = bindingSlice({
  key: "d1_databases",
  schema: z.array(
    z.strictObject({
      binding: text,
      database_name: z.optional(text),
      database_id: z.optional(text),
      preview_database_id: z.optional(text),
      migrations_table: z.optional(text),
      migrations_dir: z.optional(text),
      migrations_pattern: z.optional(text),
      database_internal_env: z.optional(text),
      remote: z.optional(z.boolean()),
    }),
  ),
  bindings: (databases, context) =>
    databases.map((database, index): D1Binding => {
      const { binding, database_id, preview_database_id, remote } = database;
      if (remote) {
        context.warn(["d1_databases", index, "remote"], "is ignored: this program only has local data");
      }
      return {
        type: "d1",
        name: binding,
        id: preview_database_id ?? database_id ?? `${binding}-${context.workerName}`,
        databaseName: database.database_name ?? null,
        databaseId: database_id ?? null,
        migrationsTable: database.migrations_table ?? DEFAULT_MIGRATIONS_TABLE,
        migrationsDir: database.migrations_dir ?? DEFAULT_MIGRATIONS_DIR,
        migrationsPattern: database.migrations_pattern ?? null,
      };
    }),
  describe: binding => `D1 database ${binding.databaseName ?? binding.id}`,
  envType: () => "D1Database",
});
