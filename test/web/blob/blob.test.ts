import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("Blob and File", run => {
  test("joins strings, buffers, views and Blobs", async () => {
    const result = await run(async () => {
      const bytes = new Uint8Array([65, 66, 67, 68]);
      const blob = new Blob(
        ["é", bytes.subarray(1, 3), bytes.buffer, new Blob(["€"]), 5 as unknown as string],
        {
          type: "Text/Plain",
        },
      );
      bytes.fill(0);
      return [blob.size, blob.type, await blob.text(), [...(await blob.slice(2, 4).bytes())]];
    });
    expect(result).toEqual([12, "text/plain", "éBCABCD€5", [66, 67]]);
  });

  test("takes very many parts, and Blobs of them", async () => {
    const result = await run(async () => {
      const inner = new Blob(new Array(200_000).fill("x"));
      const outer = new Blob([inner, inner]);
      return [outer.size, (await outer.text()).length];
    });
    expect(result).toEqual([400_000, 400_000]);
  });

  test("slice counts from either end and clamps", async () => {
    const result = await run(async () => {
      const blob = new Blob(["0123456789"]);
      const cases: [unknown?, unknown?, string?][] = [
        [],
        [3],
        [-3],
        [2, -2],
        [8, 3],
        [-100, 100],
        [Number.NaN, 1],
        [1.5, 3.5],
        [0, 1, "X/Y"],
        [0, 1, "bad\u0001"],
        [undefined, undefined],
        [Number.POSITIVE_INFINITY],
      ];
      return Promise.all(
        cases.map(async ([start, end, type]) => {
          const slice = blob.slice(start as number, end as number, type);
          return [await slice.text(), slice.type];
        }),
      );
    });
    expect(result).toEqual([
      ["0123456789", ""],
      ["3456789", ""],
      ["789", ""],
      ["234567", ""],
      ["", ""],
      ["0123456789", ""],
      ["0", ""],
      ["23", ""],
      ["0", "x/y"],
      ["0", ""],
      ["0123456789", ""],
      ["", ""],
    ]);
  });

  test("what it gives out is a copy", async () => {
    const result = await run(async () => {
      const blob = new Blob(["abc"]);
      new Uint8Array(await blob.arrayBuffer()).fill(0);
      (await blob.bytes()).fill(0);
      const chunks: number[] = [];
      for await (const chunk of blob.stream()) chunks.push(...(chunk as Uint8Array));
      return [await blob.text(), chunks];
    });
    expect(result).toEqual(["abc", [97, 98, 99]]);
  });

  test("lone surrogates become U+FFFD, a byte order mark is dropped by text()", async () => {
    const result = await run(async () => {
      const text = await new Blob(["a\ud800b"]).text();
      const marked = new Blob(["\ufeffx"]);
      return [text, await marked.text(), marked.size];
    });
    expect(result).toEqual(["a\ufffdb", "x", 4]);
  });

  test("File has a name and a time", async () => {
    const result = await run(async () => {
      const file = new File(["x"], "a/b\ud800.txt", { type: "text/css", lastModified: 12.9 });
      const now = new File([], "n").lastModified;
      return {
        name: file.name,
        time: file.lastModified,
        type: file.type,
        isBlob: file instanceof Blob,
        tag: String(file),
        sliceIsFile: file.slice() instanceof File,
        recent: Math.abs(Date.now() - now) < 60_000,
      };
    });
    expect(result).toEqual({
      name: "a/b\ufffd.txt",
      time: 12.9,
      type: "text/css",
      isBlob: true,
      tag: "[object File]",
      sliceIsFile: false,
      recent: true,
    });
  });

  test("refuses what is no list of parts", async () => {
    const result = await run(() => {
      const attempt = (make: () => unknown) => {
        try {
          make();
          return "no error";
        } catch (error) {
          return (error as Error).name;
        }
      };
      const ofBlob = Blob as unknown as new (...args: unknown[]) => Blob;
      const ofFile = File as unknown as new (...args: unknown[]) => File;
      return [
        attempt(() => new ofBlob("text")),
        attempt(() => new ofBlob(5)),
        attempt(() => new ofBlob(null)),
        attempt(() => new ofBlob({})),
        attempt(() => new ofBlob([], 5)),
        attempt(() => new ofBlob([], null)),
        attempt(() => new ofBlob(new Set(["a"]))),
        attempt(() => new ofFile([])),
        attempt(() => (Blob as unknown as () => void)()),
        attempt(() => Object.getOwnPropertyDescriptor(Blob.prototype, "size")?.get?.call({})),
      ];
    });
    expect(result).toEqual([
      "TypeError",
      "TypeError",
      "TypeError",
      "TypeError",
      "TypeError",
      "no error",
      "no error",
      "TypeError",
      "TypeError",
      "TypeError",
    ]);
  });
});
