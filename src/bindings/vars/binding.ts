import type { BindingConfig } from "../../config/slice.ts";

export interface VarBinding extends BindingConfig {
  readonly type: "var";
  /** A string, or any JSON value. */
  readonly value: unknown;
  /** True where the value comes from a file of secrets: it is not shown, and its type is not its value. */
  readonly secret: boolean;
}

/** A variable or a secret, as a binding. */
export function varBinding(name: string, value: unknown, secret = false): VarBinding {
  return { type: "var", name, value, secret };
}
