/** All algorithms, by name. */
import { aesAlgorithms } from "./aes.ts";
import type { Algorithm } from "./algorithm.ts";
import { derivationAlgorithms } from "./derivation.ts";
import { edwardsAlgorithms } from "./edwards.ts";
import { ellipticAlgorithms } from "./elliptic.ts";
import { hmacAlgorithm } from "./hmac.ts";
import { rsaAlgorithms } from "./rsa.ts";

const algorithms = new Map<string, Algorithm>();
for (const algorithm of [
  ...aesAlgorithms,
  hmacAlgorithm,
  ...rsaAlgorithms,
  ...ellipticAlgorithms,
  ...edwardsAlgorithms,
  ...derivationAlgorithms,
]) {
  algorithms.set(algorithm.name.toLowerCase(), algorithm);
}

/** An algorithm by its name, whatever its case. */
export function findAlgorithm(name: string): Algorithm | undefined {
  return algorithms.get(name.toLowerCase());
}
