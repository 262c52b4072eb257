export type { WorkerDescription } from "./bindings/worker/contract.ts";
export type { EngineName } from "./engine/engine.ts";
export { GuestError } from "./engine/errors.ts";
export type { Program, ProgramModule } from "./engine/program.ts";
export { type ErrorCode, UserError } from "./errors.ts";
export { EventError } from "./runtime/event-error.ts";
export { Engine, type EngineOptions, WorkerHandle, type WorkerOptions } from "./runtime/library.ts";
export { DEFAULT_LIMITS, type Limits } from "./runtime/limits.ts";
