/** The `crypto` global (https://w3c.github.io/webcrypto/#crypto-interface) and what workerd adds to it. */
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";
import { DigestStream } from "./digest-stream.ts";
import { getRandomValues, randomUUID } from "./random.ts";
import { type SubtleCrypto, subtle } from "./subtle.ts";

const creating = Symbol();

export class Crypto {
  constructor(...token: unknown[]) {
    if (token[0] !== creating) throw illegalConstructor();
  }

  get subtle(): SubtleCrypto {
    if (this !== crypto) throw illegalInvocation();
    return subtle;
  }

  getRandomValues<T>(array: T): T {
    if (this !== crypto) throw illegalInvocation();
    return getRandomValues(array);
  }

  randomUUID(): string {
    if (this !== crypto) throw illegalInvocation();
    return randomUUID();
  }

  /** The class of streams that hash what is written to them. */
  get DigestStream(): typeof DigestStream {
    if (this !== crypto) throw illegalInvocation();
    return DigestStream;
  }
}
exposeInterface(Crypto, "Crypto");

export const crypto = new Crypto(creating);

export { CryptoKey } from "./key.ts";
export { resetRandomPool } from "./random.ts";
export { SubtleCrypto } from "./subtle.ts";
export { DigestStream };
