/** The script of a thread for QuickJS isolates. */
import { pureOps } from "../bindings/pures.ts";
import { serveIsolates } from "../engine/quickjs/thread.ts";

serveIsolates(pureOps);
