/** What a binding's room says about its part of the configuration. */
import * as z from "zod/mini";
import type { KeyPath } from "./diagnostics.ts";

/** A binding, normalised: the room that `type` names knows the further fields. */
export interface BindingConfig {
  readonly type: string;
  /** The property of `env`. */
  readonly name: string;
  readonly [field: string]: unknown;
}

/** What a slice may know of the worker around it, and how it warns. */
export interface SliceContext {
  readonly workerName: string;
  warn(path: KeyPath, message: string): void;
}

export interface BindingSlice {
  /** The key at the top level and in an environment. */
  readonly key: string;
  readonly schema: z.ZodMiniType;
  /** What the value becomes. It has passed the schema. */
  bindings(value: never, context: SliceContext): readonly BindingConfig[];
  /** One line for the list of bindings that `dev` and `build` print. */
  describe(binding: never): string;
  /** The TypeScript type of the property of `Env`. */
  envType(binding: never): string;
}

/** Declares a slice; here the types of its parts are checked against each other. */
export function bindingSlice<Schema extends z.ZodMiniType, Binding extends BindingConfig>(slice: {
  readonly key: string;
  readonly schema: Schema;
  bindings(value: z.output<Schema>, context: SliceContext): readonly Binding[];
  describe(binding: Binding): string;
  envType(binding: Binding): string;
}): BindingSlice {
  return slice as unknown as BindingSlice;
}

/** A string with something in it. */
export const text = z.string().check(z.minLength(1, "must not be empty"));

/** A whole number from `least` on. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER) {
  return z.int().check(z.gte(least), z.lte(most));
}
