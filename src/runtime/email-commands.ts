/** The mailbox of a project, for commands. */
import { createMailbox, type Mailbox } from "../bindings/email/mailbox.ts";
import type { DataInput } from "./project.ts";
import { openStores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";

/** Opens it, and closes it when `use` is done. */
export async function withMailbox<T>(
  surroundings: Surroundings,
  input: DataInput,
  use: (mailbox: Mailbox) => Promise<T>,
): Promise<T> {
  const { environment } = await openStores(surroundings, input);
  const mailbox = createMailbox(undefined, environment);
  try {
    return await use(mailbox);
  } finally {
    await mailbox.close();
  }
}
