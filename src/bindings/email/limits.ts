/** Cloudflare's limits of e-mail (https://developers.cloudflare.com/email-routing/limits/). */
export interface EmailLimits {
  /** Bytes of a message, in and out. */
  readonly messageBytes: number;
  /** `References` that a message may have for a worker to be able to reply to it. */
  readonly references: number;
}

export const emailLimits: EmailLimits = { messageBytes: 25 * 1024 * 1024, references: 100 };

/** What a message that is larger is refused with, in Miniflare's words. */
export function tooLarge({ messageBytes }: EmailLimits): string {
  return `Email message size is bigger than the production size limit of ${messageBytes / 1024 / 1024} MiB.`;
}
