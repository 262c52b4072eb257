/** The store of messages of the state folder: a list of them in SQLite, each of them an .eml file. */
import { UserError } from "../../errors.ts";
import { BlobDatabase, BlobStatements } from "../../storage/blob-database.ts";
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

class OpenMailbox extends BlobStatements {
  readonly statements: Statements;

  constructor(database: Database) {
    super(database, "SELECT 1 FROM messages WHERE blob = @id");
    this.statements = prepare(database);
  }
}

export class SqliteEmailStore implements EmailStore {
  readonly #files: BlobDatabase<OpenMailbox>;

  constructor({ database, blobs }: StorePaths) {
    this.#files = new BlobDatabase(
      new BlobFolder(blobs, SUFFIX),
      async () => new OpenMailbox(await openDatabase(database, MIGRATIONS)),
    );
  }

  async add(message: NewMessage, raw: Uint8Array): Promise<StoredMessage> {
    const mailbox = await this.#files.open();
    return this.#files.keepInFile(raw, async staged => {
      const id = await mailbox.write(() => insert(mailbox.statements, message, staged));
      return { ...message, id, size: staged.size, file: this.#files.blobs.pathOf(staged.id) };
    });
  }

  async list(): Promise<StoredMessage[]> {
    const { database, statements } = await this.#files.open();
    return database.run(() => statements.list.all()).map(row => this.#message(row));
  }

  async get(id: number) {
    const { database, statements } = await this.#files.open();
    const row = database.run(() => statements.get.get(id));
    if (row === undefined) return null;
    const message = this.#message(row);
    const opened = await this.#files.blobs.open(row.blob);
    if (opened !== null) return { message, raw: opened.stream };
    throw new UserError(
      "STATE_DAMAGED",
      `The text of message ${id} is lost: there is no file ${message.file}.`,
      `Restore ${this.#files.blobs.directory} from a copy.`,
    );
  }

  close(): Promise<void> {
    return this.#files.close();
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
      file: this.#files.blobs.pathOf(row.blob),
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
  };
}
