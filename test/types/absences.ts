/** What is declared and not there, with the reasons. A difference beyond this list fails, and so does one that is gone. */

export interface Absence {
  readonly names: readonly string[];
  readonly reason: string;
  /** Where it is absent on one engine only. */
  readonly engine?: "quickjs" | "v8";
}

export const ABSENCES: readonly Absence[] = [
  {
    names: [
      "Datagram",
      "FileSystemDirectoryHandle",
      "FileSystemFileHandle",
      "FileSystemHandle",
      "FileSystemWritableFileStream",
      "StorageManager",
      "Navigator.storage",
      "Event.prototype.returnValue",
      "SubtleCrypto.supports",
      "SubtleCrypto.prototype.encapsulateBits",
      "SubtleCrypto.prototype.encapsulateKey",
      "SubtleCrypto.prototype.decapsulateBits",
      "SubtleCrypto.prototype.decapsulateKey",
      "SubtleCrypto.prototype.getPublicKey",
    ],
    reason: "Behind flags that are experimental: Cloudflare deploys no worker with them.",
  },
  { names: ["WebAssembly"], engine: "quickjs", reason: "QuickJS has no WebAssembly; V8 has." },
  { names: ["onmessage"], reason: "Declared as `never`, which says that workers do not have it." },
  {
    names: ["Buffer", "global", "process"],
    reason: "The bundler supplies them to programs that name them, where Node.js compatibility is on.",
  },
  {
    names: ["DOMException.prototype.stack"],
    reason: "As on workerd the stack is the instance's own property.",
  },
  { names: ["TailEvent", "TraceEvent"], reason: "No worker is sent traces of another yet." },
];

/** Exports of the runtime's modules that are declared and not there, as `module export`. */
export const MODULE_ABSENCES: readonly Absence[] = [
  {
    names: ["cloudflare:pipelines", "cloudflare:workers cache"],
    reason: "They speak to services that only Cloudflare runs: Pipelines, and the purging of its cache.",
  },
  {
    names: [
      "cloudflare:workers RpcStub",
      "cloudflare:workers exports",
      "cloudflare:workers withEnvAndExports",
      "cloudflare:workers withExports",
    ],
    reason: "Calls between workers are yet to come; `exports` is made of them.",
  },
  {
    names: ["cloudflare:workers WorkflowStep"],
    reason: "A class in the declarations only: workerd exports none, and hands objects of it to workflows.",
  },
  { names: ["cloudflare:durable-objects"], reason: "Comes with Durable Objects." },
  { names: ["cloudflare:node"], reason: "Servers of Node's API inside a worker are yet to come." },
];

/** Members of the execution context that are declared and not there. */
export const CONTEXT_ABSENCES: readonly Absence[] = [
  { names: ["restore"], reason: "Behind the flag `experimental`." },
  { names: ["exports"], reason: "Made of calls between workers, which are yet to come." },
  { names: ["mapVirtualHost"], reason: "Names hosts for the containers of Cloudflare." },
  { names: ["abort"], reason: "Ends an isolate from inside; events cannot do that here yet." },
];
