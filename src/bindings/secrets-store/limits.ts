/** Cloudflare's limits of the Secrets Store (https://developers.cloudflare.com/secrets-store/manage-secrets/). */
export const secretsStoreLimits = { valueBytes: 64 * 1024 } as const;
