export type { AssetsFetcher, AssetsRequest, AssetsResponse } from "./bindings/assets/fetcher.ts";
export { FolderAssetsSource } from "./bindings/assets/folder-source.ts";
export { MemoryAssetsSource } from "./bindings/assets/memory-source.ts";
export { RoutedAssets, type RoutedAssetsOptions } from "./bindings/assets/routed-assets.ts";
export { type AssetsRouting, type AssetsSettings, DEFAULT_ROUTING } from "./bindings/assets/settings.ts";
export { type Asset, AssetChangedError, type AssetsSource } from "./bindings/assets/source.ts";
export type { CachedHead, CachedResponse, CacheStore } from "./bindings/cache/store.ts";
export { MemoryD1Store } from "./bindings/d1/memory-store.ts";
export {
  type D1Answer,
  type D1ExportOptions,
  D1QueryError,
  type D1Result,
  type D1Statement,
  type D1Store,
} from "./bindings/d1/store.ts";
export { MemoryKVStore } from "./bindings/kv/memory-store.ts";
export type {
  KVEntry,
  KVKey,
  KVListOptions,
  KVPage,
  KVPutOptions,
  KVStore,
} from "./bindings/kv/store.ts";
export { R2Error, type R2ErrorKind } from "./bindings/r2/errors.ts";
export { MemoryR2Store } from "./bindings/r2/memory-store.ts";
export type {
  R2Checksums,
  R2CustomMetadata,
  R2Entry,
  R2Head,
  R2HttpMetadata,
  R2ListOptions,
  R2ListUploadsOptions,
  R2Metadata,
  R2Page,
  R2Part,
  R2PutOptions,
  R2Slice,
  R2StorageClass,
  R2Store,
  R2Upload,
  R2Value,
} from "./bindings/r2/store.ts";
export type { StoreFactories, StoreKinds } from "./bindings/stores.ts";
export type { WorkerDescription } from "./bindings/worker/contract.ts";
export type { EngineName } from "./engine/engine.ts";
export { GuestError } from "./engine/errors.ts";
export type { Program, ProgramModule } from "./engine/program.ts";
export { type ErrorCode, UserError } from "./errors.ts";
export { EventError } from "./runtime/event-error.ts";
export { Engine, type EngineOptions, WorkerHandle, type WorkerOptions } from "./runtime/library.ts";
export { DEFAULT_LIMITS, type Limits } from "./runtime/limits.ts";
export type { Clock } from "./storage/clock.ts";
export { InvalidCursorError } from "./storage/cursor.ts";
export type { ByteRange } from "./web/fetch/byte-range.ts";
