/** The buckets that a worker is bound to, as requests name them. */
import type { RouteContext } from "../local-route.ts";
import type { R2Descriptor, R2Host } from "./host.ts";
import type { S3Credentials } from "./s3/sigv4.ts";
import { LOCAL_CREDENTIALS } from "./signed-url.ts";

export interface NamedBucket {
  readonly name: string;
  readonly bucket: R2Host;
  /** Any of these may use it. */
  readonly credentials: readonly S3Credentials[];
}

/** Every bucket once, in the order of the configuration. */
export function bucketsOf(context: RouteContext): readonly NamedBucket[] {
  const buckets = new Map<string, NamedBucket>();
  for (const binding of context.bindings) {
    if (binding.type !== "r2") continue;
    const { id, name, s3Credentials } = binding as R2Descriptor;
    const known = buckets.get(id ?? name);
    buckets.set(id ?? name, {
      name: id ?? name,
      bucket: known?.bucket ?? (context.resource("r2", name) as R2Host),
      credentials: [
        ...(known?.credentials ?? [LOCAL_CREDENTIALS]),
        ...(s3Credentials ? [s3Credentials] : []),
      ],
    });
  }
  return [...buckets.values()];
}

export function bucketNamed(context: RouteContext, name: string): NamedBucket | undefined {
  return bucketsOf(context).find(bucket => bucket.name === name);
}

/** Lets a page of another local server read the answer. Foreign ones do not get this far. */
export function allowOrigin(origin: string | undefined): Record<string, string> {
  if (origin === undefined) return {};
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Expose-Headers": "*",
    Vary: "Origin",
  };
}

export function preflightHeaders(
  origin: string | undefined,
  requested: string | undefined,
  methods: string,
): Record<string, string> {
  return {
    ...allowOrigin(origin),
    "Access-Control-Allow-Methods": methods,
    ...(requested === undefined ? {} : { "Access-Control-Allow-Headers": requested }),
    "Access-Control-Max-Age": "3600",
    "Content-Length": "0",
  };
}
