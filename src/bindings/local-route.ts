/** What a binding's room serves itself under `/cdn-cgi/`: a bucket's public objects, an endpoint for e-mail. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Dispatch } from "../engine/ops.ts";

/** The worker that the server serves, as a route sees it. */
export interface RouteContext {
  /** The bindings of the code that was loaded last. */
  readonly bindings: readonly { readonly type: string; readonly name: string }[];
  /** The host's object behind a binding. Throws when the worker has no such binding. */
  resource(type: string, name: string): unknown;
  /** Hands an event to the worker. */
  readonly dispatch: Dispatch;
  /** Logs what an event has failed with. */
  reportFailure(error: Error): void;
}

export interface LocalRoute {
  /** How its paths begin, under `/cdn-cgi/`. */
  readonly prefix: string;
  /** Answers the request, and refusals in its own form. What it rejects with is logged, and answered with status 500. */
  serve(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    context: RouteContext,
  ): void | Promise<void>;
}
