/** Which bucket a command means, and a way to it. */
import { existsSync } from "node:fs";
import type { R2Bucket } from "../../../bindings/r2/bucket.ts";
import type { Config } from "../../../config/config.ts";
import { UserError } from "../../../errors.ts";
import { storePaths } from "../../../storage/paths.ts";
import type { CommandContext } from "../../command.ts";
import { dataInput } from "../../inputs.ts";

type Options = Readonly<Record<string, unknown>>;

/** A bucket of the configuration. */
export interface ConfiguredBucket {
  readonly name: string;
  readonly binding: string;
}

export function bucketsOf(config: Config): readonly ConfiguredBucket[] {
  return config.bindings
    .filter(({ type }) => type === "r2")
    .map(({ name, id }) => ({ name: id as string, binding: name }));
}

/** A path as wrangler takes it: the bucket's name, a slash, the key with all its slashes. */
export function parseObjectPath(path: string): readonly [bucket: string, key: string] {
  const slash = path.indexOf("/");
  if (slash > 0 && slash < path.length - 1) return [path.slice(0, slash), path.slice(slash + 1)];
  throw new UserError(
    "USAGE",
    `"${path}" is not the path of an object.`,
    "It is the bucket's name, a slash and the key: files/images/logo.png",
  );
}

/** Opens the bucket of that name, or of that binding, lets `use` use it, and closes it. */
export async function withBucket<T>(
  context: CommandContext,
  options: Options,
  given: string,
  use: (bucket: R2Bucket, name: string) => Promise<T>,
): Promise<T> {
  const [{ openStores }, { createR2 }] = await Promise.all([
    import("../../../runtime/stores.ts"),
    import("../../../bindings/r2/host.ts"),
  ]);
  const { config, environment } = await openStores(context, dataInput(context, options));
  const name = chooseBucket(bucketsOf(config), environment.stateDir, given);
  const bucket = createR2({ type: "r2", name, id: name }, environment);
  try {
    return await use(bucket, name);
  } finally {
    await bucket.close();
  }
}

/** Any name is a bucket, unless the configuration has buckets and this is none of them, which is a slip. */
function chooseBucket(configured: readonly ConfiguredBucket[], stateDir: string, given: string): string {
  const named = configured.find(({ name }) => name === given);
  const bound = named ?? configured.find(({ binding }) => binding === given);
  if (bound !== undefined) return bound.name;
  if (configured.length === 0) return given;
  if (existsSync(storePaths(stateDir, "r2", given).database)) return given;
  throw new UserError(
    "BINDING_NOT_FOUND",
    `There is no bucket "${given}".`,
    `The configuration has: ${configured.map(({ name }) => name).join(", ")}.`,
  );
}

/** Performs an operation on a bucket. What Cloudflare's service would refuse is wrong usage. */
export async function attempt<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    const { R2Error } = await import("../../../bindings/r2/errors.ts");
    if (!(error instanceof R2Error)) throw error;
    if (error.cause instanceof UserError) throw error.cause;
    throw new UserError(
      "USAGE",
      error.message,
      "Cloudflare's limits apply here too: https://developers.cloudflare.com/r2/platform/limits/",
      { cause: error },
    );
  }
}
