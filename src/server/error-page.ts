/** What a client gets for an event that failed: a page for a browser, text for all others. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type ErrorReport, formatReport } from "../engine/error-report.ts";

const PAGE_STYLE = `
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; }
  body { max-width: 60rem; margin: 4rem auto; padding: 0 1.5rem; line-height: 1.5; }
  h1 { font-size: 1.25rem; overflow-wrap: anywhere; color: light-dark(#b3261e, #ff8a80); }
  pre { padding: 1rem; overflow-x: auto; border-radius: .5rem; background: light-dark(#f4f4f5, #26262a); }
  p { color: light-dark(#444, #bbb); } small { color: gray; }`;

/** Answers a request whose event failed. With `verbose` the client sees the exception, else only that there was one. */
export function sendError(
  report: ErrorReport,
  verbose: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const wantsPage = request.headers.accept?.includes("text/html") === true;
  const known = report.code !== "WORKER_EXCEPTION" && report.code !== "WORKER_LOAD_FAILED";
  const text = verbose
    ? formatReport(report)
    : known
      ? `${report.title} (${report.code})`
      : "Internal Server Error";
  const body = wantsPage ? page(report, verbose, text) : `${text}\n`;
  response.writeHead(report.status, {
    "Content-Type": `text/${wantsPage ? "html" : "plain"}; charset=utf-8`,
    "Content-Length": String(Buffer.byteLength(body)),
    "Cache-Control": "no-store",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

function page(report: ErrorReport, verbose: boolean, text: string): string {
  const details = verbose
    ? [
        report.codeFrame === null ? "" : `<pre>${escapeHtml(report.codeFrame)}</pre>`,
        report.frames.length === 0 ? "" : `<pre>${escapeHtml(report.frames.join("\n"))}</pre>`,
        ...report.causes.map(cause => `<p>Caused by</p><pre>${escapeHtml(cause)}</pre>`),
        report.hint === null ? "" : `<p>${escapeHtml(report.hint)}</p>`,
      ].join("\n")
    : "";
  const title = verbose ? report.title : text;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${PAGE_STYLE}</style></head>
<body><h1>${escapeHtml(title)}</h1>
${details}
<small>${report.code}</small></body></html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, character => ENTITIES[character] ?? character);
