/** Tells when the inputs of a build have changed. Folders are watched, not files: editors replace files. */
import { existsSync, statSync } from "node:fs";
import { dirname, sep } from "node:path";
import { type ChokidarOptions, type FSWatcher, watch } from "chokidar";

/** How long it is quiet before a change is told: one save is several events. */
const QUIET_MS = 10;
/** How long a change may be held back by further ones. */
const LONGEST_MS = 60;

export interface InputWatcher {
  /**
   * Sets what to watch, in the terms of `BundleResult.inputs`; resolves when it is being watched. Files that were
   * written after `since` (when the build started that read them) count as changed.
   */
  update(inputs: readonly string[], since?: number): Promise<void>;
  close(): Promise<void>;
}

export interface WatchOptions {
  /** Told of what the system refuses (too many watches, a folder without permission). Watching goes on. */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** Calls back after changes, with the paths; never again before what the callback returned has settled. */
export function watchInputs(
  onChange: (paths: readonly string[]) => unknown,
  options: WatchOptions = {},
): InputWatcher {
  const onError = options.onError ?? (() => {});
  const tell = singleFlight(onChange, onError);
  let targets = toTargets([]);
  let watchers: readonly FSWatcher[] = [];
  let watched = "";
  let updating: Promise<void> = Promise.resolve();
  let closed = false;

  const onEvent = (event: string, path: string): void => {
    if (concerns(targets, path)) tell.add(path);
    if (
      event.endsWith("Dir") &&
      [...targets.folders, ...targets.trees].some(folder => isWithin(folder, path))
    ) {
      enqueue(() => follow(path)).catch(onError);
    }
  };

  /** One change of what is watched at a time. */
  function enqueue(step: () => Promise<void>): Promise<void> {
    const done = updating.then(step);
    updating = done.catch(() => {});
    return done;
  }

  /** A folder that is waited for has come or gone: what is watched in its place moves with it. */
  async function follow(folder: string): Promise<void> {
    await watchTargets();
    for (const file of targets.files) if (isWithin(file, folder) && existsSync(file)) tell.add(file);
  }

  async function watchTargets(): Promise<void> {
    if (closed) return;
    const trees = [...targets.trees].filter(tree => existsSync(tree)).sort();
    const folders = existing([...targets.folders, ...targets.trees]).filter(
      folder => !trees.includes(folder),
    );
    const wanted = JSON.stringify([folders, trees]);
    if (wanted === watched) return;
    watched = wanted;
    // The new watchers are there before the old ones go: nothing is missed between them.
    const old = watchers;
    watchers = [
      ...start(folders, { depth: 0 }, onEvent, onError),
      ...start(trees, { ignored: path => isHiddenIn(trees, path) }, onEvent, onError),
    ];
    await Promise.all(watchers.map(ready));
    await Promise.all(old.map(watcher => watcher.close()));
  }

  return {
    update(inputs, since = Number.POSITIVE_INFINITY) {
      return enqueue(async () => {
        targets = toTargets(inputs);
        await watchTargets();
        for (const file of targets.files) if (writtenAfter(file, since)) tell.add(file);
      });
    },
    async close() {
      closed = true;
      tell.stop();
      await updating;
      await Promise.all(watchers.map(watcher => watcher.close()));
    },
  };
}

interface Targets {
  readonly files: ReadonlySet<string>;
  /** Folders to watch: of the files, and those whose every entry matters. */
  readonly folders: ReadonlySet<string>;
  readonly whole: ReadonlySet<string>;
  readonly trees: ReadonlySet<string>;
}

function toTargets(inputs: readonly string[]): Targets {
  const files = new Set<string>();
  const folders = new Set<string>();
  const whole = new Set<string>();
  const trees = new Set<string>();
  for (const input of inputs) {
    if (input.endsWith(`${sep}**`)) trees.add(input.slice(0, -3));
    else if (input.endsWith(sep)) whole.add(input.slice(0, -1) || sep);
    else files.add(input);
  }
  for (const file of files) folders.add(dirname(file));
  for (const folder of whole) folders.add(folder);
  return { files, folders, whole, trees };
}

function concerns({ files, whole, trees }: Targets, path: string): boolean {
  if (files.has(path) || whole.has(dirname(path))) return true;
  return !isHiddenIn(trees, path) && Array.from(trees).some(tree => isWithin(path, tree));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Hidden files and installed packages are no part of a tree. */
function isHiddenIn(trees: Iterable<string>, path: string): boolean {
  return Array.from(trees).some(
    tree => isWithin(path, tree) && /[\\/](?:\.|node_modules(?:[\\/]|$))/.test(path.slice(tree.length)),
  );
}

/** The folders, or what there is of the way to them. */
function existing(folders: Iterable<string>): string[] {
  const nearest = (folder: string): string =>
    existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
  return [...new Set(Array.from(folders, nearest))].sort();
}

function start(
  paths: string[],
  extent: Pick<ChokidarOptions, "depth" | "ignored">,
  onEvent: (event: string, path: string) => void,
  onError: (error: Error) => void,
): FSWatcher[] {
  if (paths.length === 0) return [];
  // Waiting for the second half of a save would delay every one; an early build is followed by another.
  const watcher = watch(paths, {
    ignoreInitial: true,
    atomic: false,
    ignorePermissionErrors: true,
    ...extent,
  });
  watcher.on("all", onEvent);
  watcher.on("error", error => onError(error instanceof Error ? error : new Error(String(error))));
  return [watcher];
}

function ready(watcher: FSWatcher): Promise<void> {
  return new Promise(resolve => {
    watcher.once("ready", () => resolve());
    watcher.once("error", () => resolve());
  });
}

function writtenAfter(file: string, since: number): boolean {
  if (since === Number.POSITIVE_INFINITY) return false;
  try {
    return (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > since;
  } catch {
    return false;
  }
}

/** Gathers paths for a moment, then calls once; what comes meanwhile waits until that has settled. */
function singleFlight(call: (paths: readonly string[]) => unknown, onError: (error: Error) => void) {
  const paths = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let first = 0;
  let busy = false;
  let stopped = false;

  async function flush(): Promise<void> {
    timer = undefined;
    if (busy || stopped || paths.size === 0) return;
    busy = true;
    const batch = [...paths];
    paths.clear();
    try {
      await call(batch);
    } catch (error) {
      onError(error as Error);
    }
    busy = false;
    if (paths.size > 0) schedule();
  }

  function schedule(): void {
    if (busy || stopped) return;
    const now = performance.now();
    if (timer === undefined) first = now;
    clearTimeout(timer);
    timer = setTimeout(flush, Math.max(0, Math.min(QUIET_MS, first + LONGEST_MS - now)));
  }

  return {
    add(path: string): void {
      paths.add(path);
      schedule();
    },
    stop(): void {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
