import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

const INTERFACES: Record<string, { length: number; members: string }> = {
  ReadableStream: {
    length: 0,
    members: "cancel/0 getReader/0 locked pipeThrough/1 pipeTo/1 tee/0 values/0",
  },
  ReadableStreamDefaultReader: { length: 1, members: "cancel/0 closed read/0 releaseLock/0" },
  ReadableStreamBYOBReader: { length: 1, members: "cancel/0 closed read/1 readAtLeast/2 releaseLock/0" },
  ReadableStreamDefaultController: { length: 0, members: "close/0 desiredSize enqueue/0 error/0" },
  ReadableByteStreamController: { length: 0, members: "byobRequest close/0 desiredSize enqueue/1 error/0" },
  ReadableStreamBYOBRequest: { length: 0, members: "atLeast respond/1 respondWithNewView/1 view" },
  WritableStream: { length: 0, members: "abort/0 close/0 getWriter/0 locked" },
  WritableStreamDefaultWriter: {
    length: 1,
    members: "abort/0 close/0 closed desiredSize ready releaseLock/0 write/0",
  },
  WritableStreamDefaultController: { length: 0, members: "error/0 signal" },
  TransformStream: { length: 0, members: "readable writable" },
  TransformStreamDefaultController: { length: 0, members: "desiredSize enqueue/0 error/0 terminate/0" },
  ByteLengthQueuingStrategy: { length: 1, members: "highWaterMark size" },
  CountQueuingStrategy: { length: 1, members: "highWaterMark size" },
};

eachEngine("streams' interfaces", run => {
  test.each(Object.entries(INTERFACES))("%s has the members of its IDL", async (name, expected) => {
    const found = await run((name: string) => {
      const Interface = (globalThis as never)[name] as { prototype: object; length: number; name: string };
      const global = Object.getOwnPropertyDescriptor(globalThis, name);
      const descriptors = Object.getOwnPropertyDescriptors(Interface.prototype) as Record<
        string,
        PropertyDescriptor
      >;
      const members: string[] = [];
      const odd: string[] = [];
      for (const key of Object.keys(descriptors).sort()) {
        if (key === "constructor") continue;
        const descriptor = descriptors[key] as PropertyDescriptor;
        if (!descriptor.enumerable || !descriptor.configurable) odd.push(key);
        if (descriptor.get === undefined) members.push(`${key}/${descriptor.value.length}`);
        else members.push(key);
      }
      const tag = Object.getOwnPropertyDescriptor(Interface.prototype, Symbol.toStringTag);
      return {
        length: Interface.length,
        name: Interface.name,
        members: members.join(" "),
        odd,
        tag: [tag?.value, tag?.writable, tag?.enumerable, tag?.configurable],
        global: [global?.writable, global?.enumerable, global?.configurable],
      };
    }, name);
    expect(found).toEqual({
      ...expected,
      name,
      odd: [],
      tag: [name, false, false, true],
      global: [true, false, true],
    });
  });

  test("every member refuses a foreign receiver; those that return promises reject", async () => {
    const wrong = await run(async (names: string[]) => {
      const rejecting = new Set([
        "cancel",
        "pipeTo",
        "read",
        "readAtLeast",
        "closed",
        "ready",
        "abort",
        "write",
      ]);
      const found: string[] = [];
      for (const name of names) {
        const { prototype } = (globalThis as never)[name] as { prototype: object };
        const descriptors = Object.getOwnPropertyDescriptors(prototype) as Record<string, PropertyDescriptor>;
        for (const [key, descriptor] of Object.entries(descriptors)) {
          if (key === "constructor") continue;
          const promised = rejecting.has(key) || (key === "close" && name.startsWith("Writable"));
          for (const receiver of [{}, prototype, undefined, 1]) {
            let outcome = "returned";
            try {
              const result = Reflect.apply(descriptor.get ?? descriptor.value, receiver, []);
              if (result instanceof Promise) {
                outcome = await result.then(
                  () => "fulfilled",
                  error => `rejected ${error.name}`,
                );
              }
            } catch (error) {
              outcome = `threw ${(error as Error).name}`;
            }
            if (outcome !== (promised ? "rejected TypeError" : "threw TypeError")) {
              found.push(`${name}.${key} on ${String(receiver)}: ${outcome}`);
            }
          }
        }
      }
      return found;
    }, Object.keys(INTERFACES));
    expect(wrong).toEqual([]);
  });

  test("illegal constructors, and wrong arguments for legal ones", async () => {
    const passed = await run(
      (names: string[]) => {
        const found: string[] = [];
        for (const name of names) {
          const Interface = (globalThis as never)[name] as new (...args: unknown[]) => object;
          for (const args of [[], [{}], [null], [new ReadableStream()]]) {
            if (name === "ReadableStreamDefaultReader" && args[0] instanceof ReadableStream) continue;
            try {
              new Interface(...args);
              found.push(name);
            } catch (error) {
              if (!(error instanceof TypeError)) found.push(`${name}: ${String(error)}`);
            }
          }
        }
        return found;
      },
      Object.keys(INTERFACES).filter(name => /Controller|Reader|Writer|Request/.test(name)),
    );
    expect(passed).toEqual([]);
  });

  test("strategies", async () => {
    const result = await run(() => {
      const outcome = (call: () => unknown) => {
        try {
          return call();
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [ByteLengthQueuingStrategy, CountQueuingStrategy].map(Strategy => {
        const strategy = new Strategy({ highWaterMark: "5" as never });
        const { size } = strategy;
        return [
          strategy.highWaterMark,
          size.length,
          size.name,
          size === new Strategy({ highWaterMark: 1 }).size,
          size({ byteLength: 7 } as never),
          outcome(() => new (size as never as new () => object)()),
          outcome(() => new Strategy({} as never)),
          outcome(() => new Strategy(null as never)),
          String(new Strategy({ highWaterMark: Number.NaN }).highWaterMark),
        ];
      });
    });
    expect(result).toEqual([
      [5, 1, "size", true, 7, "TypeError", "TypeError", "TypeError", "NaN"],
      [5, 0, "size", true, 1, "TypeError", "TypeError", "TypeError", "NaN"],
    ]);
  });

  test("subclasses work, and get their own prototype", async () => {
    const result = await run(() => {
      class Readable extends (ReadableStream as new () => { readonly locked: boolean }) {
        own() {
          return this.locked;
        }
      }
      class Transform extends TransformStream {}
      return [new Readable().own(), new Transform() instanceof Transform, new Transform().readable.locked];
    });
    expect(result).toEqual([false, true, false]);
  });
});
