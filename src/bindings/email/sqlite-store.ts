/** The store of messages of the state folder: a list of them in SQLite, each of them an .eml file. */
import { UserError } from "../../errors.ts";
import { BlobFolder, type StagedBlob } from "../../storage/blobs.ts";
import type { StorePaths } from "../../storage/paths.ts";
import { type Database, openDatabase } from "../../storage/sqlite.ts";
import type { EmailStore, MessageKind, NewMessage, StoredMessage } from "./store.ts";

/** Programs that read mail open files of this name. */
const SUFFIX = ".eml";

const MIGRATIONS = [
  `CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    blob TEXT NOT NULL UNIQUE
  ) STRICT;`,
];

interface Row {
  id: number;
  kind: MessageKind;
  sender: string;
  /** A JSON array. */
  recipients: string;
  subject: string;
  message_id: string;
  sent_at: number;
  size: number;
  blob: string;
}

type Statements = ReturnType<typeof prepare>;

export class SqliteEmailStore implements EmailStore {
  readonly #paths: StorePaths;
  readonly #blobs: BlobFolder;
  #opening: Promise<{ database: Database; statements: Statements }> | undefined;
  #collecting: Promise<void> | undefined;

  constructor(paths: StorePaths) {
    this.#paths = paths;
    this.#blobs = new BlobFolder(paths.blobs, SUFFIX);
  }

  async add(message: NewMessage, raw: Uint8Array): Promise<StoredMessage> {
    const { database, statements } = await this.#open();
    const staged = await this.#blobs.stage(raw);
    try {
      const id = database.transaction(() => insert(statements, message, staged));
      return { ...message, id, size: staged.size, file: this.#blobs.pathOf(staged.id) };
    } catch (error) {
      await staged.discard();
      throw error;
    }
  }

  async list(): Promise<StoredMessage[]> {
    const { database, statements } = await this.#open();
    return database.run(() => statements.list.all()).map(row => this.#message(row));
  }

  async get(id: number) {
    const { database, statements } = await this.#open();
    const row = database.run(() => statements.get.get(id));
    if (row === undefined) return null;
    const message = this.#message(row);
    const opened = await this.#blobs.open(row.blob);
    if (opened !== null) return { message, raw: opened.stream };
    throw new UserError(
      "STATE_DAMAGED",
      `The text of message ${id} is lost: there is no file ${message.file}.`,
      `Restore ${this.#paths.blobs} from a copy.`,
    );
  }

  async close(): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    await this.#collecting;
    opened?.database.close();
  }

  #open() {
    this.#opening ??= this.#openNow();
    return this.#opening;
  }

  async #openNow() {
    try {
      const database = await openDatabase(this.#paths.database, MIGRATIONS);
      const statements = prepare(database);
      const references = {
        unreferenced: (ids: readonly string[]) =>
          database.run(() => ids.filter(id => statements.refers.get(id) === undefined)),
        exclusively: (work: () => void) => database.transaction(work),
      };
      // A failure here costs disk space only, and the next start tries again.
      this.#collecting = this.#blobs.collect(references).catch(() => {});
      return { database, statements };
    } catch (error) {
      // What was in the way may be gone at the next call.
      this.#opening = undefined;
      throw error;
    }
  }

  #message(row: Row): StoredMessage {
    return {
      id: row.id,
      kind: row.kind,
      from: row.sender,
      to: JSON.parse(row.recipients) as string[],
      subject: row.subject,
      messageId: row.message_id,
      sentAt: row.sent_at,
      size: row.size,
      file: this.#blobs.pathOf(row.blob),
    };
  }
}

function insert({ insert }: Statements, message: NewMessage, staged: StagedBlob): number {
  staged.commit();
  const { kind, from, to, subject, messageId, sentAt } = message;
  const recipients = JSON.stringify(to);
  return insert.get(kind, from, recipients, subject, messageId, sentAt, staged.size, staged.id) as number;
}

type InsertParameters = [
  kind: string,
  sender: string,
  recipients: string,
  subject: string,
  messageId: string,
  sentAt: number,
  size: number,
  blob: string,
];

function prepare(database: Database) {
  return {
    insert: database
      .prepare<InsertParameters, number>(
        `INSERT INTO messages (kind, sender, recipients, subject, message_id, sent_at, size, blob)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
      )
      .pluck(),
    list: database.prepare<[], Row>("SELECT * FROM messages ORDER BY id"),
    get: database.prepare<[number], Row>("SELECT * FROM messages WHERE id = ?"),
    refers: database.prepare<[string], number>("SELECT 1 FROM messages WHERE blob = ?").pluck(),
  };
}
