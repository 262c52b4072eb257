/** Requests that are for this program and never reach the worker: everything under /cdn-cgi/, and /__scheduled. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import { sendText } from "../send-text.ts";

export interface SpecialRoutes {
  /** Whether `/__scheduled` is one of them. */
  readonly testScheduled: boolean;
  /** The name that this server was told to answer to, besides those of the local machine. */
  readonly hostname: string;
  /** Runs the scheduled handler. `time` is in milliseconds since the epoch. */
  scheduled(cron: string, time: number): Promise<{ outcome: "ok" | "exception"; noRetry: boolean }>;
  /** Answers what a binding's room serves under `/cdn-cgi/`. Returns false for all other paths. */
  local(request: IncomingMessage, response: ServerResponse, url: URL): boolean;
  /** Keeps the connection open and tells of reloads; absent without live reload. */
  readonly reloads?: ((response: ServerResponse) => void) | undefined;
}

export const LIVE_RELOAD_PATH = "/cdn-cgi/live-reload";

/** Every spelling that wrangler has or had. */
const SCHEDULED_PATHS = ["/cdn-cgi/handler/scheduled", "/cdn-cgi/local/scheduled", "/cdn-cgi/mf/scheduled"];

/** Answers the request if it is one of these. Returns false for those that are the worker's. */
export function handleSpecial(
  routes: SpecialRoutes,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const url = URL.parse(request.url ?? "/", "http://localhost");
  if (url === null) return false;
  const special =
    url.pathname.startsWith("/cdn-cgi/") || (routes.testScheduled && url.pathname === "/__scheduled");
  if (!special) return false;
  if (
    !isLocal(request.headers.host, routes.hostname) ||
    !isLocalOrigin(request.headers.origin, routes.hostname)
  ) {
    // Another site's page must not reach these through a name that it had point here (DNS rebinding).
    sendText(response, 403, "Forbidden: this path answers only requests from this machine.");
  } else if (SCHEDULED_PATHS.includes(url.pathname) || url.pathname === "/__scheduled") {
    void runScheduled(routes, url.searchParams, response);
  } else if (url.pathname === LIVE_RELOAD_PATH && routes.reloads !== undefined) {
    routes.reloads(response);
  } else if (!routes.local(request, response, url)) {
    sendText(
      response,
      404,
      "Not found: paths under /cdn-cgi/ are reserved, and this one means nothing here.",
    );
  }
  return true;
}

async function runScheduled(
  routes: SpecialRoutes,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const time = query.get("time");
  const milliseconds = time === null || time === "" ? Date.now() : Number(time);
  if (!Number.isFinite(milliseconds)) {
    sendText(
      response,
      400,
      `Bad Request: time is in milliseconds since the epoch, and "${time}" is no number.`,
    );
    return;
  }
  const result = await routes.scheduled(query.get("cron") ?? "", milliseconds);
  const status = result.outcome === "ok" ? 200 : 500;
  if (query.get("format") === "json")
    sendText(response, status, JSON.stringify(result), { "Content-Type": "application/json" });
  else sendText(response, status, result.outcome);
}

function isLocalOrigin(origin: string | undefined, hostname: string): boolean {
  if (origin === undefined) return true;
  const url = URL.parse(origin);
  return url !== null && isLocal(url.host, hostname);
}

function isLocal(host: string | undefined, hostname: string): boolean {
  if (host === undefined) return false;
  const name = (URL.parse(`http://${host}`)?.hostname ?? "").replace(/^\[|\]$/g, "");
  if (name === "localhost" || name.endsWith(".localhost") || name === hostname) return name !== "";
  if (name === "::1" || (isIP(name) === 4 && name.startsWith("127."))) return true;
  return false;
}
