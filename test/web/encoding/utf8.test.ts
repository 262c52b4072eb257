import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

/** Strings of every shape: short and long, because long ones take another way in an interpreter. */
const texts = [
  "",
  "a",
  "\0",
  "héllo",
  "日本語",
  "😀",
  "a\ud800",
  "\udc00b",
  "\ud800\ud800\udc00",
  "\ufeffbom",
  "\u{10ffff}\uffff\u0800\u07ff\x7f\x80",
].flatMap(text => [text, `${"x".repeat(500)}${text}${"y".repeat(500)}`, `${text.repeat(2000)}!`]);

interface TextDecoderOptions {
  fatal?: boolean;
  ignoreBOM?: boolean;
}

eachEngine("UTF-8", run => {
  test("encodes as Node does", async () => {
    const expected = texts.map(text => Buffer.from(text).toString("base64"));
    const actual = await run(
      list =>
        list.map(text => {
          const bytes = new TextEncoder().encode(text);
          return (
            bytes.buffer.byteLength === bytes.length &&
            btoa([...bytes].map(byte => String.fromCharCode(byte)).join(""))
          );
        }),
      texts,
    );
    expect(actual).toEqual(expected);
  });

  test("decodes what it encoded", async () => {
    const expected = texts.map(text => text.toWellFormed().replace(/^\ufeff/, ""));
    expect(
      await run(list => list.map(text => new TextDecoder().decode(new TextEncoder().encode(text))), texts),
    ).toEqual(expected);
  });

  test("replaces malformed sequences by maximal subparts", async () => {
    const sequences = [
      "ff",
      "c0 80",
      "c1 bf",
      "c2",
      "c2 c2",
      "c2 41",
      "e0 80 80",
      "e0 9f bf",
      "e0 a0",
      "e0 a0 41",
      "e1 80",
      "ed 9f bf",
      "ed a0 80",
      "ee 80 80 80",
      "f0 80 80 80",
      "f0 90",
      "f0 90 80",
      "f0 90 80 41",
      "f4 8f bf bf",
      "f4 90 80 80",
      "f5 80 80 80",
      "f8 88 80 80 80",
      "fe ff",
      "80 bf",
      "41 80 41",
    ].map(text => text.split(" ").map(byte => Number.parseInt(byte, 16)));
    const pad = Array.from({ length: 300 }, () => 0x61);
    const all = sequences.flatMap(bytes => [bytes, [...pad, ...bytes], [...bytes, ...pad]]);
    const decoder = new TextDecoder();
    const expected = all.map(bytes => decoder.decode(Uint8Array.from(bytes)));
    const strict = new TextDecoder("utf-8", { fatal: true });
    const valid = all.map(bytes => {
      try {
        return strict.decode(Uint8Array.from(bytes)) !== undefined;
      } catch {
        return false;
      }
    });
    const result = await run(list => {
      const attempt = (bytes: number[]) => {
        try {
          return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes)) !== undefined;
        } catch (error) {
          return error instanceof TypeError ? false : `${error}`;
        }
      };
      const byByte = (bytes: number[]) => {
        const streaming = new TextDecoder();
        return (
          bytes.map(byte => streaming.decode(Uint8Array.of(byte), { stream: true })).join("") +
          streaming.decode()
        );
      };
      return {
        whole: list.map(bytes => new TextDecoder().decode(Uint8Array.from(bytes))),
        streamed: list.filter(bytes => bytes.length < 400).map(byByte),
        valid: list.map(attempt),
      };
    }, all);
    expect(result.whole).toEqual(expected);
    expect(result.valid).toEqual(valid);
    expect(result.streamed).toEqual(expected.filter((_, index) => all[index]!.length < 400));
  });

  test("decodes long input the same way", async () => {
    const tails = [[0x61], [0xf0, 0x9f, 0x98, 0x80], [0xff, 0x61], [0xe2, 0x82]];
    expect(
      await run(list => {
        const attempt = (bytes: Uint8Array, fatal: boolean) => {
          try {
            return new TextDecoder("utf-8", { fatal }).decode(bytes).slice(40_000);
          } catch (error) {
            return (error as Error).message;
          }
        };
        return list.map(tail => {
          const bytes = new Uint8Array(40_000 + tail.length).fill(0x78);
          bytes.set(tail, 40_000);
          return [attempt(bytes, false), attempt(bytes, true)];
        });
      }, tails),
    ).toEqual([
      ["a", "a"],
      ["😀", "😀"],
      ["\ufffda", "Failed to decode input."],
      ["\ufffd", "Failed to decode input."],
    ]);
  });

  test("encodeInto writes whole characters only", async () => {
    const wide = `${"é".repeat(300)}!`;
    expect(
      await run(long => {
        const into = (text: string, size: number) => {
          const target = new Uint8Array(size);
          const result = new TextEncoder().encodeInto(text, target);
          return [result.read, result.written, [...target.subarray(0, 6)]];
        };
        return [
          into("abc", 2),
          into("aé", 2),
          into("a😀b", 4),
          into("a😀b", 5),
          into("\ud800b", 3),
          into("", 0),
          into(long, 301),
          into(long, 600),
          into(long, 601),
        ];
      }, wide),
    ).toEqual([
      [2, 2, [0x61, 0x62]],
      [1, 1, [0x61, 0]],
      [1, 1, [0x61, 0, 0, 0]],
      [3, 5, [0x61, 0xf0, 0x9f, 0x98, 0x80]],
      [1, 3, [0xef, 0xbf, 0xbd]],
      [0, 0, []],
      [150, 300, [0xc3, 0xa9, 0xc3, 0xa9, 0xc3, 0xa9]],
      [300, 600, [0xc3, 0xa9, 0xc3, 0xa9, 0xc3, 0xa9]],
      [301, 601, [0xc3, 0xa9, 0xc3, 0xa9, 0xc3, 0xa9]],
    ]);
  });

  test("handles byte order marks and streams as the standard says", async () => {
    expect(
      await run(() => {
        const bom = [0xef, 0xbb, 0xbf];
        const decode = (options: TextDecoderOptions, ...chunks: number[][]) => {
          const decoder = new TextDecoder("utf-8", options);
          const texts = chunks.map((chunk, index) =>
            decoder.decode(Uint8Array.from(chunk), { stream: index < chunks.length - 1 }),
          );
          return texts.join("|").replaceAll("\ufeff", "BOM");
        };
        const decoder = new TextDecoder();
        const again = [
          decoder.decode(Uint8Array.from(bom)),
          decoder.decode(Uint8Array.from([...bom, ...bom])),
        ];
        const strict = new TextDecoder("utf-8", { fatal: true });
        strict.decode(Uint8Array.of(0xe2), { stream: true });
        let failed = false;
        try {
          strict.decode(Uint8Array.of(0x41), { stream: true });
        } catch {
          failed = true;
        }
        return [
          decode({}, [...bom, 0x61]),
          decode({ ignoreBOM: true }, [...bom, 0x61]),
          decode({}, [0xef], [0xbb], [0xbf, 0x61], bom),
          decode({}, [0xf0, 0x9f], [0x98], [0x80]),
          decode({}, [0xf0, 0x9f], []),
          decode({}, [0xf0], [0x9f, 0x41], [0x42]),
          again.map(text => text.length),
          failed,
          strict.decode(Uint8Array.of(0x42)),
        ];
      }),
    ).toEqual(["a", "BOMa", "||a|BOM", "||😀", "|\ufffd", "|\ufffdA|B", [0, 1], true, "B"]);
  });

  test("takes every kind of buffer", async () => {
    expect(
      await run(() => {
        const { buffer } = Uint8Array.of(0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37);
        const decoder = new TextDecoder();
        return [
          decoder.decode(buffer),
          decoder.decode(new DataView(buffer, 1, 2)),
          decoder.decode(new Uint16Array(buffer, 2, 2)),
          decoder.decode(new Float64Array(buffer)),
          decoder.decode(),
          decoder.decode(undefined, undefined),
        ];
      }),
    ).toEqual(["01234567", "12", "2345", "01234567", "", ""]);
  });

  test("is quick with a megabyte", async () => {
    const elapsed = await run(() => {
      const text = "Hello, world. 0123456789 abcdef\n".repeat(32_768);
      const start = Date.now();
      const bytes = new TextEncoder().encode(text);
      const back = new TextDecoder().decode(bytes);
      return back === text ? Date.now() - start : -1;
    });
    // A loop in the interpreter takes a quarter of a second.
    expect(elapsed).toBeGreaterThanOrEqual(0);
    expect(elapsed).toBeLessThan(1000);
  });

  test("are interfaces in the sense of Web IDL", async () => {
    expect(
      await run(() => {
        const attempts: (() => unknown)[] = [
          () => new TextDecoder("nonsense"),
          () => new TextDecoder("replacement"),
          () => new TextDecoder("utf-8", 1 as never),
          () => new TextDecoder(Symbol("s") as never),
          () => new TextDecoder().decode("text" as never),
          () => new TextDecoder().decode(null as never),
          () => new TextDecoder().decode(new Uint8Array(0), 1 as never),
          () => new TextEncoder().encodeInto("a", [] as never),
          () => (new TextEncoder().encodeInto as unknown as (text: string) => void)("a"),
          () => TextEncoder.prototype.encode.call({} as TextEncoder, ""),
          () => Reflect.get(TextDecoder.prototype, "encoding", {}),
          () => (TextEncoder as unknown as () => void)(),
        ];
        return {
          keys: [Object.keys(TextEncoder.prototype), Object.keys(TextDecoder.prototype)],
          tags: [`${new TextEncoder()}`, `${new TextDecoder()}`],
          attributes: [
            new TextDecoder("LATIN1 ").encoding,
            new TextDecoder().fatal,
            new TextDecoder().ignoreBOM,
          ],
          names: attempts.map(attempt => {
            try {
              return `no exception: ${attempt()}`;
            } catch (error) {
              return (error as Error).name;
            }
          }),
          encoded: new TextEncoder().encode(undefined).length,
        };
      }),
    ).toEqual({
      keys: [
        ["encoding", "encode", "encodeInto"],
        ["encoding", "fatal", "ignoreBOM", "decode"],
      ],
      tags: ["[object TextEncoder]", "[object TextDecoder]"],
      attributes: ["windows-1252", false, false],
      names: ["RangeError", "RangeError", ...Array.from({ length: 10 }, () => "TypeError")],
      encoded: 0,
    });
  });
});
