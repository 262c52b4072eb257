/** What a value is made of before it is laid out. */
import type { Context } from "./context.ts";

export interface Shape {
  base: string;
  braces: [string, string];
  /** The texts of its contents; run when the value is among those around. */
  contents: ((context: Context, value: object, level: number) => string[]) | undefined;
  keys: PropertyKey[];
  /** Set for lists, whose items may stand in columns. */
  list: ArrayLike<unknown> | true | undefined;
}
