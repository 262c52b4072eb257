/** `SendEmail`, as a worker sees it (https://developers.cloudflare.com/email-routing/email-workers/send-email-workers/). */
import { call } from "../../../guest/host.ts";
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";
import type { BindingDescriptor } from "../../contracts.ts";
import type { WireAddress } from "../contract.ts";
import { toBuilder } from "./builder.ts";
import { crossingMessage } from "./message.ts";

const CONSTRUCTION = Symbol("construction");

/** A binding that sends messages. */
export class SendEmail {
  readonly #binding: BindingDescriptor;

  constructor(token: symbol, binding: BindingDescriptor) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    this.#binding = binding;
  }

  async send(message: unknown): Promise<{ messageId: string }> {
    if (!(#binding in this)) throw illegalInvocation();
    const { name } = this.#binding;
    const given = crossingMessage(message);
    if (given !== undefined) {
      const [from, to, raw] = given;
      this.#check(from, [to]);
      return { messageId: await call("email.send", name, from, to, raw()) };
    }
    const [builder, contents] = toBuilder(message);
    const to = [...builder.to, ...builder.cc, ...builder.bcc];
    if (to.length === 0) throw new TypeError('The message has no recipient: "to", "cc" or "bcc".');
    this.#check(addressOf(builder.from), to.map(addressOf));
    return { messageId: await call("email.compose", name, builder, ...contents) };
  }

  #check(from: string, to: readonly string[]): void {
    const { allowedSenders, destination, allowedDestinations } = this.#binding as unknown as {
      readonly allowedSenders?: readonly string[] | null;
      readonly destination?: string | null;
      readonly allowedDestinations?: readonly string[] | null;
    };
    if (allowedSenders && !allowedSenders.includes(from)) throw new Error(`email from ${from} not allowed`);
    for (const address of to) {
      const allowed =
        (!destination || address === destination) &&
        (!allowedDestinations || allowedDestinations.includes(address));
      if (!allowed) throw new Error(`email to ${address} not allowed`);
    }
  }
}
exposeInterface(SendEmail, "SendEmail");

/** The address alone: what is between the angle brackets of `Name <address>`. */
function addressOf(address: WireAddress): string {
  if (typeof address !== "string") return address.email;
  return (/<([^>]+)>\s*$/.exec(address)?.[1] ?? address).trim();
}

/** The object on `env` for a binding. */
export function createSendEmail(descriptor: BindingDescriptor): SendEmail {
  return new SendEmail(CONSTRUCTION, descriptor);
}
