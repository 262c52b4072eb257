import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { StreamTable } from "../../../src/web/streams/host.ts";
import { streamLimits } from "../../../src/web/streams/limits.ts";

const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);

async function readAll(table: StreamTable, handle: number, maximum = 1024): Promise<string[]> {
  const chunks: string[] = [];
  for (;;) {
    const chunk = await table.read(handle, maximum);
    if (chunk === null) return chunks;
    chunks.push(Buffer.from(chunk).toString());
  }
}

const closed = (stream: Readable): Promise<void> => new Promise(resolve => stream.once("close", resolve));

describe("a stream of the host's", () => {
  test("is read in pieces of at most the size asked for, and its handle is free at the end", async () => {
    const table = new StreamTable();
    const handle = table.give(Readable.from([bytes("hello"), bytes("!")], { objectMode: false }));
    expect(handle).toBeGreaterThan(0);
    const pieces = await readAll(table, handle, 2);
    expect(pieces.join("")).toBe("hello!");
    expect(Math.max(...pieces.map(piece => piece.length))).toBe(2);
    expect(table.open).toBe(0);
    expect(() => table.read(handle, 2)).toThrow(TypeError);
  });

  test("may be any asynchronous iterable of bytes", async () => {
    const table = new StreamTable();
    async function* chunks() {
      yield bytes("a");
      yield bytes("b");
    }
    expect((await readAll(table, table.give(chunks()))).join("")).toBe("ab");
  });

  test("is not read ahead beyond its own mark", async () => {
    let made = 0;
    const source = new Readable({
      highWaterMark: 1000,
      read() {
        made++;
        this.push(Buffer.alloc(1000));
      },
    });
    const table = new StreamTable();
    const handle = table.give(source);
    expect(made).toBe(0);
    await table.read(handle, 1000);
    await new Promise(setImmediate);
    expect(made).toBeLessThan(5);
    table.destroyAll();
  });

  test("its failure reaches the read; a lost connection in workerd's words", async () => {
    const table = new StreamTable();
    const failing = new PassThrough();
    const first = table.give(failing);
    const reading = Promise.resolve(table.read(first, 10));
    failing.destroy(new RangeError("broken"));
    await expect(reading).rejects.toThrow(new RangeError("broken"));
    const lost = new PassThrough();
    const second = table.give(lost);
    lost.destroy(Object.assign(new Error("aborted"), { code: "ECONNRESET" }));
    await closed(lost);
    expect(() => table.read(second, 10)).toThrow("Network connection lost.");
    const early = new PassThrough();
    const third = table.give(early);
    const waiting = Promise.resolve(table.read(third, 10));
    early.destroy();
    await expect(waiting).rejects.toThrow("Network connection lost.");
  });

  test("can be handed on untouched, once", async () => {
    const table = new StreamTable();
    const source = Readable.from([bytes("x")], { objectMode: false });
    const handle = table.give(source);
    expect(table.take(handle)).toBe(source);
    expect(() => table.take(handle)).toThrow(TypeError);
    expect(() => table.read(handle, 1)).toThrow(TypeError);
    expect(await text(source)).toBe("x");
  });

  test("cancel destroys it, and is harmless twice", () => {
    const table = new StreamTable();
    const source = new PassThrough();
    const handle = table.give(source);
    table.cancel(handle);
    table.cancel(handle);
    expect(source.destroyed).toBe(true);
    expect(table.open).toBe(0);
  });
});

describe("a stream of the guest's", () => {
  test("flows to the host's reader, with backpressure", async () => {
    const table = new StreamTable();
    const chunk = new Uint8Array(100 * 1024);
    const readable = table.take(-1);
    expect(await table.write(-1, chunk)).toBeNull();
    expect(await table.write(-1, chunk)).toBeNull();
    let answered = false;
    const third = Promise.resolve(table.write(-1, chunk)).then(() => {
      answered = true;
    });
    await new Promise(setImmediate);
    expect(answered).toBe(false);
    expect(() => table.write(-1, chunk)).toThrow(TypeError);
    let length = 0;
    readable.on("data", (data: Buffer) => {
      length += data.byteLength;
    });
    await third;
    await table.close(-1);
    expect(length).toBe(300 * 1024);
    expect(table.open).toBe(0);
  });

  test("close and abort reach the reader", async () => {
    const table = new StreamTable();
    const ended = text(table.take(-1));
    table.write(-1, bytes("all"));
    await table.close(-1);
    expect(await ended).toBe("all");
    const failed = text(table.take(-2));
    table.abort(-2, "no more");
    await expect(failed).rejects.toThrow("no more");
    expect(table.open).toBe(0);
  });

  test("an abort before the host asks is not forgotten", async () => {
    const table = new StreamTable();
    table.write(-1, bytes("x"));
    table.abort(-1, "early");
    const readable = table.take(-1);
    expect(readable.errored?.message).toBe("early");
  });

  test("a reader that goes away fails the write under way and the next one", async () => {
    const table = new StreamTable();
    const readable = table.take(-1);
    const waiting = Promise.resolve(table.write(-1, new Uint8Array(streamLimits.waitingBytes)));
    readable.destroy(new Error("client left"));
    await expect(waiting).rejects.toThrow("client left");
    expect(table.open).toBe(0);
    const other = table.take(-2);
    other.destroy();
    await closed(other);
    expect(() => table.write(-2, bytes("x"))).toThrow("The stream was cancelled.");
    expect(table.open).toBe(0);
  });
});

describe("a hostile guest", () => {
  test("meets a TypeError for every nonsense", async () => {
    const table = new StreamTable();
    const handle = table.give(new PassThrough());
    for (const wrong of [0, 999_999_999, 1.5, Number.NaN, "1", null, undefined]) {
      expect(() => table.read(wrong as number, 10)).toThrow(TypeError);
      expect(() => table.write(wrong as number, bytes("x"))).toThrow(TypeError);
      expect(() => table.take(wrong as number)).toThrow(TypeError);
      await expect(table.close(wrong as number)).rejects.toThrow(TypeError);
      table.cancel(wrong as number);
      table.abort(wrong as number, "x");
    }
    for (const maximum of [0, -1, 1.5, Number.NaN, "x"]) {
      expect(() => table.read(handle, maximum as number)).toThrow(TypeError);
    }
    expect(() => table.write(handle, bytes("x"))).toThrow(TypeError);
    expect(() => table.write(-1, "text" as never)).toThrow(TypeError);
    table.write(-1, bytes("x"));
    expect(() => table.read(-1, 10)).toThrow(TypeError);
    table.take(-1);
    expect(() => table.take(-1)).toThrow(TypeError);
    table.close(-1).catch(() => {});
    expect(() => table.write(-1, bytes("x"))).toThrow(TypeError);
    await expect(table.close(-1)).rejects.toThrow(TypeError);
    table.destroyAll();
    expect(table.open).toBe(0);
  });

  test("cannot fill the host with streams that nobody reads", async () => {
    const table = new StreamTable();
    const chunk = new Uint8Array(8 * 1024 * 1024);
    const refused = () => {
      for (let handle = -1; handle > -100; handle--) {
        const answer = table.write(handle, chunk);
        answer?.catch(() => {});
      }
    };
    expect(refused).toThrow(RangeError);
    table.destroyAll(new Error("over"));
    expect(table.open).toBe(0);
    const many = () => {
      for (let handle = -1; handle >= -streamLimits.openStreams - 1; handle--) table.take(handle);
    };
    expect(many).toThrow(RangeError);
    table.destroyAll();
    expect(table.open).toBe(0);
  });
});

describe("the end of an owner", () => {
  test("ends its streams, and no others", async () => {
    const isolate = new StreamTable();
    const event = new StreamTable(isolate);
    const ofIsolate = new PassThrough();
    const ofEvent = new PassThrough();
    const kept = isolate.give(ofIsolate);
    const gone = event.give(ofEvent);
    const reading = Promise.resolve(isolate.read(gone, 10));
    const written = event.take(-1);
    event.destroyAll(new Error("the event is over"));
    await expect(reading).rejects.toThrow();
    expect(ofEvent.destroyed).toBe(true);
    expect(written.destroyed).toBe(true);
    expect(ofIsolate.destroyed).toBe(false);
    ofIsolate.end("still");
    expect((await readAll(event, kept)).join("")).toBe("still");
  });
});
