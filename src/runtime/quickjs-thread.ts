/** The script of a QuickJS isolate's thread. */
import { pureOps } from "../bindings/pures.ts";
import { serveIsolate } from "../engine/quickjs/thread.ts";

serveIsolate(pureOps);
