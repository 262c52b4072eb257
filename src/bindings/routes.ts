/** The rooms' local routes joined. One line per room. */
import type { IncomingMessage, ServerResponse } from "node:http";
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
  void Promise.resolve(route.serve(request, response, url, context));
  return true;
}
