/** `POST /cdn-cgi/handler/email?from=…&to=…` with a message as its body: runs the worker's `email` handler. */
import type { IncomingMessage as Request, ServerResponse } from "node:http";
import { UserError } from "../../errors.ts";
import { sendText } from "../../send-text.ts";
import type { LocalRoute, RouteContext } from "../local-route.ts";
import { MAILBOX } from "./host.ts";
import { IncomingMessage } from "./incoming.ts";
import { tooLarge } from "./limits.ts";
import type { Mailbox } from "./mailbox.ts";
import { printable } from "./printable.ts";

/** Both spellings that wrangler has. */
export const emailRoutes: readonly LocalRoute[] = ["/cdn-cgi/handler/email", "/cdn-cgi/local/email"].map(
  prefix => ({ prefix, serve }),
);

const INCOMPLETE =
  "Invalid email. Your request must include URL parameters specifying the `from` and `to` addresses, as well as an email in the body";

async function serve(
  request: Request,
  response: ServerResponse,
  url: URL,
  context: RouteContext,
): Promise<void> {
  try {
    await deliver(request, response, url.searchParams, context);
  } catch (error) {
    sendText(response, 500, `The message could not be delivered: ${(error as Error).message}`);
  }
}

async function deliver(
  request: Request,
  response: ServerResponse,
  query: URLSearchParams,
  context: RouteContext,
): Promise<void> {
  const mailbox = context.resource(MAILBOX, "") as Mailbox;
  const raw = await bodyOf(request, mailbox.limits.messageBytes);
  if (raw === undefined) return sendText(response, 400, tooLarge(mailbox.limits));
  const from = query.get("from");
  const to = query.get("to");
  if (!from || !to || raw.byteLength === 0) return sendText(response, 400, INCOMPLETE);
  const message = new IncomingMessage(from, to, raw, mailbox);
  if (!message.messageId) {
    return sendText(response, 400, "Email could not be parsed: invalid or no message id provided");
  }

  const outcome = await run(message, context);
  if (query.get("format") === "json") {
    const { forwards, replies } = message;
    const { status, outcome: name, rejectReason } = outcome;
    const body = JSON.stringify({ outcome: name, rejectReason, forwards, replies });
    // A rejection is an answer as well: in JSON it is told by the reason.
    return sendText(response, status === 400 ? 200 : status, body, { "Content-Type": "application/json" });
  }
  sendText(response, outcome.status, outcome.text);
}

interface Outcome {
  readonly outcome: "ok" | "exception";
  readonly rejectReason: string | undefined;
  readonly status: number;
  readonly text: string;
}

async function run(message: IncomingMessage, { dispatch, reportFailure }: RouteContext): Promise<Outcome> {
  try {
    const { result, context, release } = await dispatch("email", context => {
      for (const mismatch of message.mismatches) context.writeConsole("warn", printable(mismatch));
      return message.argumentsFor(context);
    });
    const [rejectReason] = result as [string | null];
    if (rejectReason !== null) {
      context.writeConsole(
        "error",
        `The email handler rejected the message: ${JSON.stringify(rejectReason)}`,
      );
    }
    release();
    return rejectReason === null
      ? { outcome: "ok", rejectReason: undefined, status: 200, text: "Worker successfully processed email" }
      : {
          outcome: "ok",
          rejectReason,
          status: 400,
          text: `Worker rejected email with the following reason: ${rejectReason}`,
        };
  } catch (error) {
    reportFailure(error as Error);
    const missing = error instanceof UserError && error.code === "HANDLER_NOT_FOUND";
    const text = missing
      ? "Worker does not export an email() handler."
      : `Worker failed to process the email: ${(error as Error).message}`;
    return { outcome: "exception", rejectReason: undefined, status: 500, text };
  }
}

/** The body; undefined where it is larger than that. */
async function bodyOf(request: Request, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    // Read to its end all the same: a client that is still sending would not read the answer.
    if (size <= most) chunks.push(chunk);
  }
  return size <= most ? Buffer.concat(chunks) : undefined;
}
