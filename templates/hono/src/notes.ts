export interface NotesEnv {
  NOTES: KVNamespace;
}

export interface Note {
  id: string;
  text: string;
  createdAt: number;
}

const KEEP_MS = 30 * 24 * 60 * 60 * 1000;

export async function createNote(env: NotesEnv, text: string): Promise<Note> {
  const note: Note = { id: crypto.randomUUID(), text, createdAt: Date.now() };
  await env.NOTES.put(note.id, JSON.stringify(note), { metadata: { createdAt: note.createdAt } });
  return note;
}

export function getNote(env: NotesEnv, id: string): Promise<Note | null> {
  return env.NOTES.get<Note>(id, "json");
}

/** All notes, without their text: what a list of keys has. */
export async function listNotes(env: NotesEnv): Promise<Omit<Note, "text">[]> {
  const notes: Omit<Note, "text">[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await env.NOTES.list<{ createdAt: number }>(cursor === undefined ? {} : { cursor });
    for (const { name, metadata } of page.keys) notes.push({ id: name, createdAt: metadata?.createdAt ?? 0 });
    if (page.list_complete) return notes;
    cursor = page.cursor;
  }
}

export async function deleteNote(env: NotesEnv, id: string): Promise<void> {
  await env.NOTES.delete(id);
}

/** Deletes notes that are older than thirty days; returns how many. */
export async function removeOldNotes(env: NotesEnv, now: number): Promise<number> {
  const old = (await listNotes(env)).filter(note => now - note.createdAt > KEEP_MS);
  await Promise.all(old.map(note => deleteNote(env, note.id)));
  return old.length;
}
