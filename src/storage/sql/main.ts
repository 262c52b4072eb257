/** The script of a process that runs SQL. */
import { serveDatabase } from "./serve.ts";

serveDatabase();
// All is closed by now. An ordinary exit would wait for the thread that watches over the parent, which is asleep.
process.kill(process.pid, "SIGKILL");
