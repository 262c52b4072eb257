/** What a byte stream's source is given: its controller and its BYOB requests (https://streams.spec.whatwg.org/#rbs-controller-class). */
import {
  exposeInterface,
  illegalConstructor,
  illegalInvocation,
  requireArguments,
  unsignedLongLongEnforce,
} from "../../../guest/webidl.ts";
import { isDetached } from "./buffers.ts";
import { ByteController } from "./byte-controller.ts";
import type { ByobRequest } from "./pull-into.ts";

/** The state of a BYOB request, in a form that a constructor can tell from what a script gives it. */
class RequestToken {
  readonly request: ByobRequest;
  constructor(request: ByobRequest) {
    this.request = request;
  }
}

/** Throws unless the value is a view, and not one of shared memory. */
export function requireView(
  value: unknown,
  where: string,
  position: number,
): asserts value is ArrayBufferView {
  if (!ArrayBuffer.isView(value) || !(value.buffer instanceof ArrayBuffer)) {
    throw new TypeError(`${where}: parameter ${position} is not of type 'ArrayBufferView'.`);
  }
}

/** A read into a buffer that waits to be filled. */
export class ReadableStreamBYOBRequest {
  readonly #request: ByobRequest;

  constructor(token: RequestToken | undefined = undefined) {
    if (!(token instanceof RequestToken)) throw illegalConstructor();
    this.#request = token.request;
  }

  get view(): Uint8Array<ArrayBuffer> | null {
    if (!(#request in this)) throw illegalInvocation();
    return this.#request.view;
  }

  /** How many bytes the read needs at least; an extension of workerd's. */
  get atLeast(): number | null {
    if (!(#request in this)) throw illegalInvocation();
    return this.#request.controller === undefined ? null : this.#request.atLeast;
  }

  respond(bytesWritten: number): void {
    if (!(#request in this)) throw illegalInvocation();
    const where = "Failed to execute 'respond' on 'ReadableStreamBYOBRequest'";
    requireArguments(arguments.length, 1, where);
    const count = unsignedLongLongEnforce(bytesWritten, `${where}: parameter 1`);
    const { controller, view } = this.#request;
    if (controller === undefined || view === null) throw invalidated();
    if (isDetached(view.buffer)) throw new TypeError("The BYOB request's buffer is detached.");
    controller.respond(count);
  }

  respondWithNewView(view: ArrayBufferView): void {
    if (!(#request in this)) throw illegalInvocation();
    const where = "Failed to execute 'respondWithNewView' on 'ReadableStreamBYOBRequest'";
    requireArguments(arguments.length, 1, where);
    requireView(view, where, 1);
    const { controller } = this.#request;
    if (controller === undefined) throw invalidated();
    if (isDetached(view.buffer as ArrayBuffer)) throw new TypeError("The view's buffer is detached.");
    controller.respondWithNewView(view);
  }
}

function invalidated(): TypeError {
  return new TypeError("This BYOB request has been invalidated.");
}

/** What the source of a byte stream speaks to. */
export class ReadableByteStreamController {
  readonly #state: ByteController;

  constructor(state: ByteController | undefined = undefined) {
    if (!(state instanceof ByteController)) throw illegalConstructor();
    this.#state = state;
  }

  get byobRequest(): ReadableStreamBYOBRequest | null {
    if (!(#state in this)) throw illegalInvocation();
    const request = this.#state.byobRequest;
    if (request === undefined) return null;
    request.exposed ??= new ReadableStreamBYOBRequest(new RequestToken(request));
    return request.exposed as ReadableStreamBYOBRequest;
  }

  get desiredSize(): number | null {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.desiredSize;
  }

  close(): void {
    if (!(#state in this)) throw illegalInvocation();
    this.#requireOpen("This ReadableStream is closed.");
    this.#state.close();
  }

  enqueue(chunk: ArrayBufferView): void {
    if (!(#state in this)) throw illegalInvocation();
    const where = "Failed to execute 'enqueue' on 'ReadableByteStreamController'";
    requireArguments(arguments.length, 1, where);
    requireView(chunk, where, 1);
    if (chunk.byteLength === 0 || chunk.buffer.byteLength === 0) {
      throw new TypeError("Cannot enqueue a zero-length ArrayBuffer.");
    }
    this.#requireOpen("Unable to enqueue: this ReadableStream is closed.");
    this.#state.enqueue(chunk);
  }

  error(reason: unknown = undefined): void {
    if (!(#state in this)) throw illegalInvocation();
    this.#state.error(reason);
  }

  #requireOpen(message: string): void {
    if (this.#state.closeRequested || this.#state.stream.state !== "readable") throw new TypeError(message);
  }
}

exposeInterface(ReadableStreamBYOBRequest);
exposeInterface(ReadableByteStreamController);
