/** Reads into buffers: their descriptors, and the checks of what a source answers (https://streams.spec.whatwg.org/#pull-into-descriptor). */
import { transferBuffer, type ViewConstructor } from "./buffers.ts";

/** A pull-into descriptor: a buffer that is being filled for a read. */
export interface PullInto {
  buffer: ArrayBuffer;
  readonly bufferByteLength: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  bytesFilled: number;
  readonly minimumFill: number;
  readonly elementSize: number;
  readonly View: ViewConstructor;
  readerType: "default" | "byob" | "none";
}

/** The state behind a ReadableStreamBYOBRequest; `exposed` is the object that scripts see, once one has asked. */
export interface ByobRequest {
  controller: Respondent | undefined;
  view: Uint8Array<ArrayBuffer> | null;
  /** How many bytes the waiting read still needs at least. */
  readonly atLeast: number;
  exposed: object | undefined;
}

/** What a BYOB request's answer goes to. */
interface Respondent {
  respond(bytesWritten: number): void;
  respondWithNewView(view: ArrayBufferView): void;
}

/** ReadableByteStreamControllerConvertPullIntoDescriptor: the view for the reader. */
export function convertPullInto(pullInto: PullInto): ArrayBufferView {
  const buffer = transferBuffer(pullInto.buffer);
  return new pullInto.View(buffer, pullInto.byteOffset, pullInto.bytesFilled / pullInto.elementSize);
}

/** The conditions of ReadableByteStreamControllerRespond. */
export function checkCount(first: PullInto, bytesWritten: number, closed: boolean): void {
  if (closed) {
    if (bytesWritten !== 0) throw new TypeError("bytesWritten must be 0 when the stream is closed.");
    return;
  }
  if (bytesWritten === 0)
    throw new TypeError("bytesWritten must be greater than 0 while the stream is readable.");
  if (first.bytesFilled + bytesWritten > first.byteLength) {
    throw new RangeError("bytesWritten is more than the view's room.");
  }
}

/** The conditions of ReadableByteStreamControllerRespondWithNewView. */
export function checkView(first: PullInto, view: ArrayBufferView, closed: boolean): void {
  if (closed && view.byteLength !== 0) {
    throw new TypeError("The view's length must be 0 when the stream is closed.");
  }
  if (!closed && view.byteLength === 0) {
    throw new TypeError("The view's length must be greater than 0 while the stream is readable.");
  }
  if (first.byteOffset + first.bytesFilled !== view.byteOffset) {
    throw new RangeError("The region that the view covers does not match the BYOB request.");
  }
  if (first.bufferByteLength !== view.buffer.byteLength) {
    throw new RangeError("The buffer of the view is not as long as the BYOB request's.");
  }
  if (first.bytesFilled + view.byteLength > first.byteLength) {
    throw new RangeError("The region that the view covers is larger than the BYOB request's.");
  }
}
