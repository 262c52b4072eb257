/** The stream around a rewriting: reads the input, one chunk ahead of the reader, and hands on what comes out. */
import { ByteController } from "../../streams/guest/byte-controller.ts";
import { Capability, markHandled, type Outcome } from "../../streams/guest/promises.ts";
import {
  acquireDefaultReader,
  cancelReadable,
  type DefaultReader,
  Readable,
  type Source,
} from "../../streams/guest/readable-state.ts";
import { LIMITS } from "../limits.ts";
import type { Charset } from "./charset.ts";
import { Output, readBytes } from "./output.ts";
import { type Registration, Rewriter } from "./rewriter.ts";

export class Rewriting implements Source {
  readonly readable = new Readable();
  readonly #controller: ByteController;
  readonly #input: Readable;
  readonly #reader: DefaultReader;
  readonly #output: Output;
  readonly #rewriter: Rewriter;
  #cancelled = false;
  /** Settled when the reader has taken all that was handed on. */
  #taken: Capability | undefined;

  /** Locks the input, and begins to read it. */
  constructor(input: Readable, registrations: readonly Registration[], charset: Charset) {
    this.#output = new Output(charset, bytes => this.#emit(bytes));
    this.#rewriter = new Rewriter(registrations, charset, this.#output);
    this.#controller = new ByteController(this.readable, this, 0);
    this.#controller.startNow();
    this.#input = input;
    this.#reader = acquireDefaultReader(input);
    input.disturbed = true;
    markHandled(this.#pump());
  }

  drained(): void {
    this.#taken?.resolve();
    this.#taken = undefined;
  }

  cancel(reason: unknown): Outcome {
    this.#cancelled = true;
    this.drained();
    return cancelReadable(this.#input, reason);
  }

  #emit(bytes: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    if (this.#cancelled) return undefined;
    this.#controller.enqueueOwned(bytes);
    if (this.#controller.queued === 0) return undefined;
    this.#taken ??= new Capability();
    return this.#taken.promise;
  }

  async #pump(): Promise<void> {
    try {
      for (;;) {
        const chunk = await readBytes(this.#input, this.#reader);
        if (chunk === undefined) break;
        for (let from = 0; from < chunk.length && !this.#cancelled; from += LIMITS.chunkBytes) {
          await this.#rewrite(chunk.subarray(from, from + LIMITS.chunkBytes), from === 0);
        }
        if (this.#cancelled) return;
      }
      await this.#finish();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #rewrite(chunk: Uint8Array, limited: boolean): Promise<void> {
    this.#rewriter.write(chunk, limited);
    await this.#run();
    await this.#output.flush();
  }

  async #run(): Promise<void> {
    const rewriter = this.#rewriter;
    for (let pending = rewriter.run(); pending !== undefined; pending = rewriter.run()) {
      await pending;
      if (this.#cancelled) return;
    }
    rewriter.endChunk();
  }

  async #finish(): Promise<void> {
    this.#rewriter.tokenizer.end();
    await this.#run();
    if (this.#cancelled) return;
    await this.#rewriter.end();
    if (this.#cancelled) return;
    void this.#output.flush();
    this.#controller.close();
    if (this.#controller.pendingPullIntos > 0) this.#controller.respond(0);
  }

  #fail(error: unknown): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#controller.error(error);
    markHandled(cancelReadable(this.#input, error));
  }
}
