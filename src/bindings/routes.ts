/** The rooms' local routes joined. One line per room. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { sendText } from "../send-text.ts";
import { emailRoutes } from "./email/route.ts";
import type { LocalRoute, RouteContext } from "./local-route.ts";
import { publicRoute } from "./r2/public-route.ts";
import { s3Route } from "./r2/s3/route.ts";

const routes: readonly LocalRoute[] = [publicRoute, s3Route, ...emailRoutes];

/** Answers the request if a room has a route for its path. Requests of foreign sites must not get here. */
export function serveLocalRoute(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  context: RouteContext,
): boolean {
  const route = routes.find(({ prefix }) => url.pathname.startsWith(prefix));
  if (route === undefined) return false;
  void serve(route, request, response, url, context);
  return true;
}

async function serve(route: LocalRoute, ...args: Parameters<LocalRoute["serve"]>): Promise<void> {
  const [, response, , context] = args;
  try {
    await route.serve(...args);
  } catch (error) {
    context.reportFailure(error as Error);
    if (response.headersSent) response.destroy();
    else sendText(response, 500, "Internal error: the log says what failed.\n");
  }
}
