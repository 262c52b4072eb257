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
  { names: ["Cache", "CacheStorage", "caches"], reason: "Part of the storage that is yet to come." },
];

/** Modules, and exports of modules, that are declared and not there. */
export const MODULE_ABSENCES: readonly Absence[] = [
  {
    names: ["cloudflare:pipelines", "cloudflare:workers cache"],
    reason: "They speak to services that only Cloudflare runs: Pipelines, and the purging of its cache.",
  },
];
