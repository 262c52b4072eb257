import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

const singleByte =
  "ibm866 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-8-i iso-8859-10 " +
  "iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 koi8-r koi8-u macintosh windows-874 windows-1250 windows-1251 " +
  "windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 x-mac-cyrillic";

/** Encoding, bytes in hexadecimal, text: characters, errors, and ASCII bytes that survive an error before them. */
const vectors: [encoding: string, bytes: string, text: string][] = [
  ["gbk", "c4e3bac3", "你好"],
  ["gbk", "80", "€"],
  ["gbk", "a6d9fe59", "\ufe10\u9fb4"],
  ["gbk", "ff41", "\ufffdA"],
  ["gbk", "81", "\ufffd"],
  ["gbk", "8120", "\ufffd "],
  ["gb18030", "8135f438", "\u1e40"],
  ["gb18030", "8135f437", "\ue7c7"],
  ["gb18030", "84318236", "\ufe10"],
  ["gb18030", "a3a0", "\u3000"],
  ["gb18030", "9439da33", "💩"],
  ["gb18030", "e3329a35", "\u{10ffff}"],
  ["gb18030", "e3329a36", "\ufffd"],
  ["gb18030", "8431a530", "\ufffd"],
  ["gb18030", "fe39fe39", "\ufffd"],
  ["gb18030", "813041", "\ufffd0A"],
  ["gb18030", "8130fe29", "\ufffd0\ufffd)"],
  ["gb18030", "81308141", "\ufffd0丄"],
  ["gb18030", "813081", "\ufffd"],
  ["big5", "a741a66e", "你好"],
  ["big5", "8862", "\u00ca\u0304"],
  ["big5", "88a5", "\u00ea\u030c"],
  ["big5", "8740", "\u43f0"],
  ["big5", "fefd", "\u{2910d}"],
  ["big5", "8940", "\u{2a3a9}"],
  ["big5", "8041", "\ufffdA"],
  ["big5", "8161", "\ufffda"],
  ["euc-jp", "c6fccbdcb8ec", "日本語"],
  ["euc-jp", "8eb1", "ｱ"],
  ["euc-jp", "8fb0a1", "丂"],
  ["euc-jp", "8ff3a1", "\ufffd"],
  ["euc-jp", "8fa141", "\ufffdA"],
  ["euc-jp", "a1", "\ufffd"],
  ["euc-jp", "80", "\ufffd"],
  ["shift_jis", "93fa967b8cea", "日本語"],
  ["shift_jis", "b15c7e80", "ｱ\\~\x80"],
  ["shift_jis", "f040", "\ue000"],
  ["shift_jis", "fc4b", "黑"],
  ["shift_jis", "a0fdfeff", "\ufffd\ufffd\ufffd\ufffd"],
  ["shift_jis", "8141", "、"],
  ["shift_jis", "8130", "\ufffd0"],
  ["euc-kr", "c7d1b1db", "한글"],
  ["euc-kr", "8141", "갂"],
  ["euc-kr", "c652", "힣"],
  ["euc-kr", "a2e6a2e7", "€®"],
  ["euc-kr", "c9a1", "\ufffd"],
  ["euc-kr", "8130", "\ufffd0"],
  ["iso-2022-jp", "1b2442467c4b5c386c1b2842", "日本語"],
  ["iso-2022-jp", "1b284a5c7e1b28425c7e", "¥‾\\~"],
  ["iso-2022-jp", "1b284931", "ｱ"],
  ["iso-2022-jp", "1b28421b284241", "\ufffdA"],
  ["iso-2022-jp", "1b2442467c1b", "日\ufffd"],
  ["iso-2022-jp", "1b24", "\ufffd$"],
  ["iso-2022-jp", "1b2842411b24", "A\ufffd$"],
  ["iso-2022-jp", "1b2442461b284241", "\ufffdA"],
  ["iso-2022-jp", "0e0f80", "\ufffd\ufffd\ufffd"],
  ["utf-16le", "fffe61003dd800de", "a😀"],
  ["utf-16be", "feff0061d83dde00", "a😀"],
  ["utf-16le", "3dd86100", "\ufffda"],
  ["utf-16le", "00de61", "\ufffd\ufffd"],
  ["utf-16le", "3dd8", "\ufffd"],
  ["x-user-defined", "007f80ff", "\0\x7f\uf780\uf7ff"],
];

const labels: [label: string, encoding: string][] = [
  ["unicode-1-1-utf-8", "utf-8"],
  ["\t UTF8\r\n", "utf-8"],
  ["ascii", "windows-1252"],
  ["iso-8859-1", "windows-1252"],
  ["iso-8859-9", "windows-1254"],
  ["iso-8859-11", "windows-874"],
  ["logical", "iso-8859-8-i"],
  ["csiso88598e", "iso-8859-8"],
  ["koi8-ru", "koi8-u"],
  ["mac", "macintosh"],
  ["x-mac-ukrainian", "x-mac-cyrillic"],
  ["gb2312", "gbk"],
  ["big5-hkscs", "big5"],
  ["x-euc-jp", "euc-jp"],
  ["csiso2022jp", "iso-2022-jp"],
  ["windows-31j", "shift_jis"],
  ["ks_c_5601-1987", "euc-kr"],
  ["utf-16", "utf-16le"],
  ["ucs-2", "utf-16le"],
  ["unicodefffe", "utf-16be"],
];

const bytesOf = (hexadecimal: string): number[] => [...Buffer.from(hexadecimal, "hex")];

eachEngine("Legacy encodings", run => {
  test("have the standard's names and labels", async () => {
    const actual = await run(
      list => list.map(([label]) => [label, new TextDecoder(label).encoding] as const),
      labels,
    );
    expect(actual).toEqual(labels);
    expect(
      await run(() =>
        ["", "utf-7", "utf-32", "iso-2022-kr", "hz-gb-2312", "replacement", "utf-8\0", "\u00a0utf-8"].filter(
          label => {
            try {
              return new TextDecoder(label) !== undefined;
            } catch (error) {
              return !(error instanceof RangeError);
            }
          },
        ),
      ),
    ).toEqual([]);
  });

  test("the single-byte ones agree with this Node", async () => {
    const names = singleByte.split(" ");
    const all = Array.from({ length: 256 }, (_, byte) => byte);
    const expected = names.map(name => new TextDecoder(name).decode(Uint8Array.from(all)));
    const actual = await run(
      (list, bytes) => list.map(name => new TextDecoder(name).decode(Uint8Array.from(bytes))),
      names,
      all,
    );
    expect(actual).toEqual(expected);
  });

  test("the others decode the standard's way, whole and byte by byte", async () => {
    const given = vectors.map(([encoding, bytes]) => [encoding, bytesOf(bytes)] as const);
    const result = await run(
      list =>
        list.map(([encoding, bytes]) => {
          const streaming = new TextDecoder(encoding);
          const pieces = bytes.map(byte => streaming.decode(Uint8Array.of(byte), { stream: true }));
          return [
            new TextDecoder(encoding).decode(Uint8Array.from(bytes)),
            pieces.join("") + streaming.decode(),
          ];
        }),
      given,
    );
    for (const [index, [encoding, bytes, text]] of vectors.entries()) {
      expect(result[index], `${encoding} ${bytes}`).toEqual([text, text]);
    }
  });

  test("fail on every error when told to", async () => {
    const given = vectors.map(([encoding, bytes]) => [encoding, bytesOf(bytes)] as const);
    const failed = await run(
      list =>
        list.map(([encoding, bytes]) => {
          try {
            new TextDecoder(encoding, { fatal: true }).decode(Uint8Array.from(bytes));
            return false;
          } catch (error) {
            return (error as Error).name === "TypeError" && (error as Error).message;
          }
        }),
      given,
    );
    expect(failed).toEqual(vectors.map(([, , text]) => text.includes("\ufffd") && "Failed to decode input."));
    expect(
      await run(() => {
        try {
          return new TextDecoder("windows-1253", { fatal: true }).decode(Uint8Array.of(0xaa));
        } catch (error) {
          return (error as Error).name;
        }
      }),
    ).toBe("TypeError");
  });

  test("start afresh after an error and after the end", async () => {
    expect(
      await run(() => {
        const decoder = new TextDecoder("shift_jis", { fatal: true });
        const steps: string[] = [decoder.decode(Uint8Array.of(0x93), { stream: true })];
        try {
          decoder.decode(Uint8Array.of(0x30), { stream: true });
        } catch {
          steps.push("failed");
        }
        steps.push(decoder.decode(Uint8Array.of(0x41)));
        const utf16 = new TextDecoder("utf-16le");
        steps.push(
          utf16.decode(Uint8Array.of(0xff), { stream: true }),
          utf16.decode(Uint8Array.of(0xfe, 0x41, 0)),
        );
        steps.push(utf16.decode(Uint8Array.of(0xff, 0xfe, 0x42, 0)));
        steps.push(new TextDecoder("utf-16le", { ignoreBOM: true }).decode(Uint8Array.of(0xff, 0xfe)));
        return steps;
      }),
    ).toEqual(["", "failed", "A", "", "A", "B", "\ufeff"]);
  });

  test("cope with long input", async () => {
    expect(
      await run(() => {
        const bytes = new Uint8Array(300_000).map((_, index) => (index % 2 === 0 ? 0xc4 : 0xe3));
        const text = new TextDecoder("gbk").decode(bytes);
        return [text.length, text.at(-1), new TextDecoder("latin1").decode(bytes).length];
      }),
    ).toEqual([150_000, "你", 300_000]);
  });
});
