import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

interface TextDecoderOptions {
  fatal?: boolean;
  ignoreBOM?: boolean;
}

eachEngine("TextEncoderStream and TextDecoderStream", run => {
  test("encode chunks and keep surrogate pairs together", async () => {
    const result = await run(async () => {
      const encode = async (chunks: unknown[]) => {
        const stream = new TextEncoderStream();
        const writer = stream.writable.getWriter();
        const written = Promise.all([...chunks.map(chunk => writer.write(chunk as string)), writer.close()]);
        const output: number[][] = [];
        const reader = stream.readable.getReader();
        for (;;) {
          const { value, done } = await reader.read();
          if (done) break;
          output.push([...value]);
        }
        await written;
        return output;
      };
      return [
        await encode(["a", "", "é"]),
        await encode(["\ud83d", "\ude00"]),
        await encode(["a\ud83d", "b"]),
        await encode(["\ud83d", "", "\ud83d"]),
        await encode([12, null]),
        await encode([]),
      ];
    });
    expect(result).toEqual([
      [[0x61], [0xc3, 0xa9]],
      [[0xf0, 0x9f, 0x98, 0x80]],
      [[0x61], [0xef, 0xbf, 0xbd, 0x62]],
      [
        [0xef, 0xbf, 0xbd],
        [0xef, 0xbf, 0xbd],
      ],
      [[0x31, 0x32], [...Buffer.from("null")]],
      [],
    ]);
  });

  test("decode chunks and keep sequences together", async () => {
    const result = await run(async () => {
      const decode = async (label: string, options: TextDecoderOptions, chunks: number[][]) => {
        const stream = new TextDecoderStream(label, options);
        const writer = stream.writable.getWriter();
        const written = Promise.allSettled([
          ...chunks.map(chunk => writer.write(Uint8Array.from(chunk))),
          writer.close(),
        ]);
        const output: string[] = [];
        try {
          const reader = stream.readable.getReader();
          for (;;) {
            const { value, done } = await reader.read();
            if (done) break;
            output.push(value);
          }
        } catch (error) {
          output.push((error as Error).name);
        }
        await written;
        return output;
      };
      return [
        await decode("utf-8", {}, [[0x61], [0xf0, 0x9f], [0x98, 0x80]]),
        await decode("utf-8", {}, [[0xef, 0xbb, 0xbf], [0x61], [0xe2]]),
        await decode("utf-8", { ignoreBOM: true }, [[0xef, 0xbb, 0xbf]]),
        await decode("utf-8", { fatal: true }, [[0x61], [0xff]]),
        await decode("utf-8", { fatal: true }, [[0xe2]]),
        await decode("shift_jis", {}, [[0x93], [0xfa]]),
      ];
    });
    expect(result).toEqual([
      ["a", "😀"],
      ["a", "\ufffd"],
      ["\ufeff"],
      ["a", "TypeError"],
      ["TypeError"],
      ["日"],
    ]);
  });

  test("refuse chunks that are no bytes, and wrong uses", async () => {
    expect(
      await run(async () => {
        const failures: string[] = [];
        for (const chunk of [undefined, null, "text", 1, [], {}]) {
          const stream = new TextDecoderStream();
          const writer = stream.writable.getWriter();
          const reading = stream.readable
            .getReader()
            .read()
            .catch((error: Error) => failures.push(error.name));
          await writer.write(chunk as never).catch(() => undefined);
          await reading;
        }
        const attempts: (() => unknown)[] = [
          () => new TextDecoderStream("nonsense"),
          () => Reflect.get(TextDecoderStream.prototype, "readable", {}),
          () => Reflect.get(TextEncoderStream.prototype, "writable", {}),
        ];
        for (const attempt of attempts) {
          try {
            attempt();
          } catch (error) {
            failures.push((error as Error).name);
          }
        }
        const decoder = new TextDecoderStream("latin1", { fatal: true });
        return {
          failures,
          attributes: [decoder.encoding, decoder.fatal, decoder.ignoreBOM, new TextEncoderStream().encoding],
          keys: [Object.keys(TextEncoderStream.prototype), Object.keys(TextDecoderStream.prototype)],
        };
      }),
    ).toEqual({
      failures: [...Array.from({ length: 6 }, () => "TypeError"), "RangeError", "TypeError", "TypeError"],
      attributes: ["windows-1252", true, false, "utf-8"],
      keys: [["encoding"], ["encoding", "fatal", "ignoreBOM"]],
    });
  });
});
