import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import about from "./about.txt";
import { createNote, deleteNote, getNote, listNotes, type NotesEnv, removeOldNotes } from "./notes";

const app = new Hono<{ Bindings: NotesEnv }>();

app.get("/", context => context.text(about));

app.get("/notes", async context => context.json(await listNotes(context.env)));

app.post("/notes", async context => {
  const body = await context.req.json<{ text?: unknown } | null>().catch(() => null);
  if (typeof body?.text !== "string" || body.text.trim() === "")
    throw new HTTPException(400, { message: "text is required" });
  return context.json(await createNote(context.env, body.text), 201);
});

app.get("/notes/:id", async context => {
  const note = await getNote(context.env, context.req.param("id"));
  return note === null ? context.notFound() : context.json(note);
});

app.delete("/notes/:id", async context => {
  await deleteNote(context.env, context.req.param("id"));
  return context.body(null, 204);
});

export default {
  fetch: app.fetch,

  /** Every night at three. */
  async scheduled(controller: ScheduledController, env: NotesEnv) {
    const removed = await removeOldNotes(env, controller.scheduledTime);
    console.log(`removed ${removed} old notes`);
  },

  /** `worker invoke countNotes` */
  async countNotes(env: NotesEnv) {
    return { notes: (await listNotes(env)).length };
  },
};
