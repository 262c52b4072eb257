/** The part of the WebAssembly JavaScript API that this folder uses; Node's own types declare none of it. */
declare namespace WebAssembly {
  class Module {
    private readonly brand: undefined;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
