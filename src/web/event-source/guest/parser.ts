/** Event streams (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream). */

export interface StreamedEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

const DIGITS = /^[0-9]+$/;
const LF = 10;
const CR = 13;

/** Turns the text of a stream, chunk by chunk, into events. */
export class EventStreamParser {
  readonly #onEvent: (event: StreamedEvent) => void;
  readonly #onRetry: (milliseconds: number) => void;
  /** The beginning of a line whose end has not come yet. */
  #line = "";
  /** The chunk before ended with a carriage return: a line feed that follows belongs to it. */
  #afterCR = false;
  #type = "";
  #data: string[] = [];
  lastEventId: string;

  constructor(
    lastEventId: string,
    onEvent: (event: StreamedEvent) => void,
    onRetry: (milliseconds: number) => void,
  ) {
    this.lastEventId = lastEventId;
    this.#onEvent = onEvent;
    this.#onRetry = onRetry;
  }

  feed(text: string): void {
    let start = 0;
    if (this.#afterCR && text.length > 0) {
      this.#afterCR = false;
      if (text.charCodeAt(0) === LF) start = 1;
    }
    for (let index = start; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code !== LF && code !== CR) continue;
      const line = this.#line + text.slice(start, index);
      this.#line = "";
      if (code === CR) {
        if (index + 1 === text.length) this.#afterCR = true;
        else if (text.charCodeAt(index + 1) === LF) index++;
      }
      start = index + 1;
      this.#takeLine(line);
    }
    this.#line += text.slice(start);
  }

  #takeLine(line: string): void {
    if (line === "") {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    if (colon < 0) this.#takeField(line, "");
    else this.#takeField(line.slice(0, colon), line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1));
  }

  #takeField(name: string, value: string): void {
    switch (name) {
      case "event":
        this.#type = value;
        break;
      case "data":
        this.#data.push(value);
        break;
      case "id":
        if (!value.includes("\0")) this.lastEventId = value;
        break;
      case "retry":
        if (DIGITS.test(value)) this.#onRetry(Number(value));
        break;
    }
  }

  #dispatch(): void {
    const data = this.#data.join("\n");
    const type = this.#type || "message";
    this.#data = [];
    this.#type = "";
    // As on workerd, an event whose data is empty is none; the standard dispatches one with a field `data` of no value.
    if (data !== "") this.#onEvent({ type, data, lastEventId: this.lastEventId });
  }
}
