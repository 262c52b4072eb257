/** Cloudflare's limits of e-mail (https://developers.cloudflare.com/email-routing/limits/). */
export interface EmailLimits {
  /** Bytes of a message, in and out. */
  readonly messageBytes: number;
  /** `References` that a message may have for a worker to be able to reply to it. */
  readonly references: number;
}

export const emailLimits: EmailLimits = { messageBytes: 25 * 1024 * 1024, references: 100 };
