/** The part of the WebAssembly JavaScript API that this folder uses; Node's own types declare none of it. */
declare namespace WebAssembly {
  class Module {
    private readonly brand: undefined;
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, unknown>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Table {
    grow(delta: number): number;
    set(index: number, value: (...args: never[]) => unknown): void;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
