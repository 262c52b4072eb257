/** A worker's code as it is handed to an engine: ES modules, linked by the names they import. */

export interface ProgramModule {
  /** The name by which stack traces and importers know it: "index.js". */
  readonly name: string;
  readonly source: string;
}

export interface Program {
  /** The name of the module whose exports are the worker. */
  readonly main: string;
  readonly modules: readonly ProgramModule[];
}

/** Names that each module supplied by the runtime exports; the values are the guest library's (guest/worker.ts). */
export const BUILTIN_MODULES: Readonly<Record<string, readonly string[]>> = {
  "cloudflare:email": ["EmailMessage"],
  "cloudflare:sockets": ["connect"],
  "cloudflare:workers": [
    "DurableObject",
    "RpcTarget",
    "WorkerEntrypoint",
    "WorkflowEntrypoint",
    "env",
    "tracing",
    "waitUntil",
    "withEnv",
  ],
  "cloudflare:workflows": ["NonRetryableError"],
};

/** The same of modules of Node.js, which only workers with Node.js compatibility are given. */
export const NODE_MODULES: Readonly<Record<string, readonly string[]>> = {
  "node:timers": [
    "active",
    "clearImmediate",
    "clearInterval",
    "clearTimeout",
    "default",
    "enroll",
    "promises",
    "setImmediate",
    "setInterval",
    "setTimeout",
    "unenroll",
  ],
  "node:timers/promises": ["default", "scheduler", "setImmediate", "setInterval", "setTimeout"],
};

/** The module that the engine evaluates. */
export const ENTRY_MODULE = "worker:entry";

/**
 * What the other modules take the library from. The engine evaluates it when it makes the isolate; afterwards the library's
 * name leaves the global object, and the worker's own code finds no trace of the loader.
 */
export const LIBRARY_MODULE = "worker:library";
export const LIBRARY_SOURCE = "export const { builtins, register } = globalThis.__guest;";

/** The modules of a program, with those of the runtime; of the latter, the engine evaluates those that are imported. */
export function linkedModules(program: Program): ReadonlyMap<string, string> {
  const modules = new Map<string, string>();
  for (const [name, exports] of Object.entries({ ...BUILTIN_MODULES, ...NODE_MODULES })) {
    modules.set(name, builtinModule(name, exports));
  }
  for (const module of program.modules) modules.set(module.name, module.source);
  modules.set(
    ENTRY_MODULE,
    [
      `import { register } from "${LIBRARY_MODULE}";`,
      `import * as worker from ${JSON.stringify(program.main)};`,
      "register(worker);",
    ].join("\n"),
  );
  return modules;
}

function builtinModule(name: string, exports: readonly string[]): string {
  const named = exports.filter(exported => exported !== "default");
  const lines = [
    `import { builtins } from "${LIBRARY_MODULE}";`,
    `const library = builtins["${name}"];`,
    `export const { ${named.join(", ")} } = library;`,
  ];
  if (exports.includes("default")) lines.push("export default library.default;");
  return lines.join("\n");
}

/** The name of the module that `specifier`, imported by `importer`, stands for. */
export function resolveModule(specifier: string, importer: string): string {
  if (!specifier.startsWith("./") && !specifier.startsWith("../")) return specifier;
  const path = importer.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") path.pop();
    else if (part !== ".") path.push(part);
  }
  return path.join("/");
}
