/** One running worker: its pool of instances, and how a reload passes events from the old code to the new. */
import type { WorkerDescription } from "../bindings/worker/contract.ts";
import type { Dispatch } from "../engine/ops.ts";
import { isolateLost } from "./event-error.ts";
import { Instance, type InstanceServices, type WorkerDefinition } from "./instance.ts";

/** How long events in flight may go on in the old code after a reload. */
const DRAIN_MS = 30_000;

export interface WorkerOptions {
  /** How many isolates serve the worker. */
  readonly instances: number;
  readonly services: InstanceServices;
  /** Whether an isolate that is lost gets a successor. */
  readonly replaces: boolean;
  /** Whether a fresh isolate is kept ready for the next reload or replacement. */
  readonly keepSpare: boolean;
}

type Generation =
  | { readonly state: "ready"; readonly instances: Instance[]; readonly description: WorkerDescription }
  | { readonly state: "failed"; readonly error: Error };

export class Worker {
  readonly #options: WorkerOptions;
  #definition: WorkerDefinition;
  /** What serves now. */
  #current: Generation | undefined;
  /** Settles when what is being loaded is ready; events that arrive meanwhile wait for it. */
  #arriving: Promise<Generation> | undefined;
  #next = 0;
  #closed = false;
  readonly #retiring = new Set<Promise<void>>();

  constructor(definition: WorkerDefinition, options: WorkerOptions) {
    this.#definition = definition;
    this.#options = options;
  }

  get name(): string {
    return this.#definition.settings.name;
  }

  /** Loads the worker. Rejects with what its code threw. */
  async start(): Promise<WorkerDescription> {
    const generation = await this.#arrive();
    if (generation.state === "failed") throw generation.error;
    return generation.description;
  }

  /** New code: events that arrive from now on wait for it; those in flight finish in the old. */
  async reload(definition: WorkerDefinition): Promise<WorkerDescription> {
    this.#definition = definition;
    const old = this.#current;
    const generation = await this.#arrive();
    if (old?.state === "ready" && old !== this.#current)
      for (const instance of old.instances) this.#retire(instance);
    if (generation.state === "failed") throw generation.error;
    return generation.description;
  }

  #arrive(): Promise<Generation> {
    const definition = this.#definition;
    const arriving: Promise<Generation> = this.#startGeneration(definition).then(generation => {
      // A later reload may have overtaken this one.
      if (this.#arriving !== arriving) {
        if (generation.state === "ready") for (const instance of generation.instances) instance.dispose();
        return this.#arriving ?? generation;
      }
      this.#arriving = undefined;
      this.#current = generation;
      if (this.#options.keepSpare && !this.#closed) this.#options.services.engine.warm(definition.limits);
      return generation;
    });
    this.#arriving = arriving;
    return arriving;
  }

  async #startGeneration(definition: WorkerDefinition): Promise<Generation> {
    try {
      const started = await Promise.all(
        Array.from({ length: this.#options.instances }, () =>
          Instance.start(definition, this.#options.services),
        ),
      );
      const first = started[0];
      if (first === undefined) throw new RangeError("a worker needs at least one isolate");
      const generation: Generation = {
        state: "ready",
        instances: started.map(({ instance }) => instance),
        description: first.description,
      };
      for (const { instance } of started) this.#replaceWhenLost(instance, definition, generation.instances);
      return generation;
    } catch (error) {
      return { state: "failed", error: error as Error };
    }
  }

  /** An isolate that was lost to a limit or a crash gets a successor, made when the next event needs it. */
  #replaceWhenLost(instance: Instance, definition: WorkerDefinition, siblings: Instance[]): void {
    if (!this.#options.replaces) return;
    instance.onLost = () => {
      const index = siblings.indexOf(instance);
      if (index >= 0) siblings.splice(index, 1);
      if (this.#closed || definition !== this.#definition) return;
      if (siblings.length === 0) {
        void this.#arrive();
        return;
      }
      void Instance.start(definition, this.#options.services).then(
        ({ instance: successor }) => {
          if (this.#closed || definition !== this.#definition) return successor.dispose();
          siblings.push(successor);
          this.#replaceWhenLost(successor, definition, siblings);
        },
        () => {},
      );
    };
  }

  /** Hands an event to the instance with the fewest in flight, when the newest code is ready. */
  readonly dispatch: Dispatch = async (type, prepare, onStart) => {
    while (this.#arriving !== undefined) await this.#arriving;
    return this.#pick().dispatch(type, prepare, onStart);
  };

  /** True when an event handed over now starts at once. */
  get ready(): boolean {
    return this.#arriving === undefined;
  }

  #pick(): Instance {
    const current = this.#current;
    if (this.#closed || current === undefined) throw isolateLost("the worker was stopped");
    if (current.state === "failed") throw current.error;
    const { instances } = current;
    let best: Instance | undefined;
    for (let offset = 0; offset < instances.length; offset++) {
      const instance = instances[(this.#next + offset) % instances.length];
      if (instance !== undefined && (best === undefined || instance.inFlight < best.inFlight))
        best = instance;
    }
    this.#next++;
    if (best === undefined) throw isolateLost("the worker was stopped");
    return best;
  }

  #retire(instance: Instance): void {
    instance.onLost = undefined;
    const done = instance.retire(DRAIN_MS, "replaced").finally(() => this.#retiring.delete(done));
    this.#retiring.add(done);
  }

  /** Lets events in flight finish, for at most `milliseconds`, and ends all isolates. */
  async close(milliseconds: number): Promise<void> {
    this.#closed = true;
    await this.#arriving;
    const current = this.#current;
    if (current?.state === "ready") {
      await Promise.all(
        current.instances.map(instance => {
          instance.onLost = undefined;
          return instance.retire(milliseconds);
        }),
      );
    }
    await Promise.all(this.#retiring);
  }
}
