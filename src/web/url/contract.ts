export interface UrlSyncOps {
  /** The ASCII form of a domain by UTS 46, as the URL Standard applies it, lenient; "" when it has none. */
  "url.domainToASCII"(domain: string): string;
  /** The Unicode form of a domain; "" when it has none. */
  "url.domainToUnicode"(domain: string): string;
}
