import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("FormData", run => {
  test("append, get, getAll, has, set, delete", async () => {
    const result = await run(() => {
      const form = new FormData();
      form.append("a", "1");
      form.append("b", 2 as unknown as string);
      form.append("a", "3");
      const before = [form.get("a"), form.getAll("a"), form.has("b"), form.get("none"), [...form.keys()]];
      form.set("a", "new");
      form.set("c", "\ud800");
      form.delete("b");
      form.delete("none");
      return [before, [...form]];
    });
    expect(result).toEqual([
      ["1", ["1", "3"], true, null, ["a", "b", "a"]],
      [
        ["a", "new"],
        ["c", "\ufffd"],
      ],
    ]);
  });

  test("Blobs become Files", async () => {
    const result = await run(async () => {
      const form = new FormData();
      const file = new File(["f"], "own.txt", { type: "text/plain", lastModified: 7 });
      form.append("blob", new Blob(["b"], { type: "x/y" }));
      form.append("named", new Blob(["n"]), "given.bin");
      form.append("file", file);
      form.append("renamed", file, "other.txt");
      const describe = async (name: string) => {
        const value = form.get(name) as unknown as File;
        return [value instanceof File, value.name, value.type, await value.text()];
      };
      return [
        await describe("blob"),
        await describe("named"),
        await describe("file"),
        await describe("renamed"),
        (form.get("file") as unknown) === file,
      ];
    });
    expect(result).toEqual([
      [true, "blob", "x/y", "b"],
      [true, "given.bin", "", "n"],
      [true, "own.txt", "text/plain", "f"],
      [true, "other.txt", "text/plain", "f"],
      true,
    ]);
  });

  test("its iterators are live", async () => {
    const result = await run(() => {
      const form = new FormData();
      form.append("a", "1");
      const seen: string[] = [];
      for (const [name] of form) {
        seen.push(name);
        if (seen.length < 3) form.append(`more${seen.length}`, "x");
      }
      const calls: unknown[] = [];
      form.forEach((value, key, parent) => {
        calls.push([value, key, parent === form]);
      });
      return [seen, calls.length, Object.prototype.toString.call(form.values()), String(form)];
    });
    expect(result).toEqual([["a", "more1", "more2"], 3, "[object FormData Iterator]", "[object FormData]"]);
  });

  test("a body made of it parses back", async () => {
    const result = await run(async () => {
      const form = new FormData();
      form.append('na"me\r\n', "line\nfeed\rreturn\r\nboth");
      form.append("utf8", "naïve €");
      form.append(
        "file",
        new File([new Uint8Array([0, 13, 10, 45, 45, 255])], 'fi"le\n.bin', { type: "a/b" }),
      );
      form.append("empty", new File([], ""));
      const response = new Response(form);
      const type = response.headers.get("content-type") ?? "";
      const text = await response.clone().text();
      const parsed = await response.formData();
      const file = parsed.get("file") as unknown as File;
      const empty = parsed.get("empty") as unknown as File;
      return {
        type: /^multipart\/form-data; boundary=[0-9a-f]{32}$/.test(type),
        escaped: text.includes('name="na%22me%0D%0A"') && text.includes('filename="fi%22le%0A.bin"'),
        endsWell: text.endsWith(`--${type.split("=")[1]}--`),
        fields: [...parsed].filter(([, value]) => typeof value === "string"),
        file: [file.name, file.type, [...(await file.bytes())]],
        empty: [empty.name, empty.type, empty.size],
      };
    });
    expect(result).toEqual({
      type: true,
      escaped: true,
      endsWell: true,
      fields: [
        ['na"me\r\n', "line\nfeed\rreturn\r\nboth"],
        ["utf8", "naïve €"],
      ],
      file: ['fi"le\n.bin', "a/b", [0, 13, 10, 45, 45, 255]],
      empty: ["", "application/octet-stream", 0],
    });
  });

  test("parses what other programs send", async () => {
    const result = await run(async () => {
      const parse = async (body: string, type = "multipart/form-data; boundary=X") => {
        const form = await new Response(body, { headers: { "content-type": type } }).formData();
        return Promise.all(
          [...form].map(async ([name, value]) =>
            typeof value === "string"
              ? [name, value]
              : [name, (value as File).name, (value as File).type, await (value as File).text()],
          ),
        );
      };
      const part = (headers: string, content: string) => `--X\r\n${headers}\r\n\r\n${content}\r\n`;
      const field = 'Content-Disposition: form-data; name="a"';
      return [
        await parse(`preamble\r\n${part(field, "1")}--X--\r\nepilogue`),
        await parse(`--X\n${field}\n\none\n--X--`),
        await parse(`${part('content-disposition:form-data;name="q\\"q"; filename="b\\\\s"', "f")}--X--`),
        await parse(
          `${part(`${field}; filename="t.txt"\r\nContent-Type: text/plain; charset=utf-8`, "--Y\r\n--")}--X--`,
        ),
        await parse(`${part('Content-Disposition: form-data; name="end\\"; filename="C:\\f"', "f")}--X--`),
        await parse(`${part("Content-Disposition: form-data; filename*=UTF-8''x; name=token", "t")}--X--`),
        await parse("--X--\r\n"),
        await parse(`${part(field, "")}--X--`),
        await parse(`${part(field, "q")}--X--`, 'Multipart/Form-Data; Boundary="X"'),
        await parse("a=1&b=%20+%zz&a=&=x&&c", "application/x-www-form-urlencoded;charset=UTF-8"),
        await parse("?a=%ff%C3%A9", "application/x-www-form-urlencoded"),
        await parse("", "application/x-www-form-urlencoded"),
      ];
    });
    expect(result).toEqual([
      [["a", "1"]],
      [["a", "one"]],
      [['q"q', "b\\s", "", "f"]],
      [["a", "t.txt", "text/plain; charset=utf-8", "--Y\r\n--"]],
      [["end\\", "C:\\f", "", "f"]],
      [["token", "t"]],
      [],
      [["a", ""]],
      [["a", "q"]],
      [
        ["a", "1"],
        ["b", "  %zz"],
        ["a", ""],
        ["", "x"],
        ["c", ""],
      ],
      [["?a", "\ufffdé"]],
      [],
    ]);
  });

  test("bad forms are TypeErrors", async () => {
    const result = await run(async () => {
      const attempt = async (body: string, type: string | null) => {
        const response = new Response(
          new TextEncoder().encode(body),
          type === null ? {} : { headers: { "content-type": type } },
        );
        try {
          await response.formData();
          return "no error";
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      };
      const multipart = "multipart/form-data; boundary=X";
      const field = '--X\r\nContent-Disposition: form-data; name="a"';
      return [
        await attempt("x", null),
        await attempt("x", "text/plain"),
        await attempt("x", "nonsense"),
        await attempt("x", "multipart/form-data"),
        await attempt("", multipart),
        await attempt("nothing here", multipart),
        await attempt("--Xjunk", multipart),
        await attempt(field, multipart),
        await attempt(`${field}\r\n\r\nnever ends`, multipart),
        await attempt("--X\r\n\r\n\r\n\r\n--X--", multipart),
        await attempt("--X\r\nContent-Disposition: attachment\r\n\r\nx\r\n--X--", multipart),
        await attempt("--X\r\nContent-Disposition: form-data\r\n\r\nx\r\n--X--", multipart),
        await attempt("--X\r\nnot a header\r\n\r\nx\r\n--X--", multipart),
        await attempt("a=b", "application/x-www-form-urlencoded; charset=latin1"),
      ];
    });
    for (const line of result) expect(line).toMatch(/^TypeError: /);
    expect(result[0]).toBe("TypeError: Parsing a Body as FormData requires a Content-Type header.");
    expect(result[4]).toBe("TypeError: No initial boundary string (or you have a truncated message).");
    expect(result[8]).toBe("TypeError: No subsequent boundary string after multipart message.");
    expect(result[13]).toBe("TypeError: Non-utf-8 application/x-www-form-urlencoded body.");
  });

  test("a large file of delimiters' beginnings parses in good time", async () => {
    const result = await run(async () => {
      const form = new FormData();
      form.append("file", new File(["\r\n--".repeat(20_000)], "f"));
      const parsed = await new Response(form).formData();
      return (parsed.get("file") as unknown as File).size;
    });
    expect(result).toBe(80_000);
  });

  test("hostile whitespace takes no more than linear time", async () => {
    const result = await run(async () => {
      const blanks = " ".repeat(200_000);
      const attempt = async (body: string, type: string) => {
        const response = new Response(body, { headers: { "content-type": type } });
        return response.formData().then(
          form => [...form].length,
          (error: Error) => error.name,
        );
      };
      return [
        await attempt("", `text/x${blanks}y`),
        await attempt("a=b", `application/x-www-form-urlencoded;a=b${blanks}c`),
        await attempt(
          `--X\r\nContent-Disposition: form-data; name="a"\r\nX:${blanks}y\r\n\r\nz\r\n--X--`,
          "multipart/form-data;boundary=X",
        ),
        await attempt(
          `--X\r\nContent-Disposition: form-data;${blanks}name="a"${blanks}\r\n\r\nz\r\n--X--`,
          "multipart/form-data;boundary=X",
        ),
      ];
    });
    expect(result).toEqual(["TypeError", 1, 1, 1]);
  });

  test("arguments are checked", async () => {
    const result = await run(() => {
      const form = new FormData() as unknown as Record<string, (...args: unknown[]) => unknown>;
      const attempt = (action: () => unknown) => {
        try {
          action();
          return "no error";
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [
        attempt(() => form["append"]?.("a")),
        attempt(() => form["set"]?.("a")),
        attempt(() => form["get"]?.()),
        attempt(() => form["append"]?.("a", Symbol("s"))),
        attempt(() => form["forEach"]?.({})),
        attempt(() => FormData.prototype.has.call({} as FormData, "a")),
      ];
    });
    expect(result).toEqual(Array(6).fill("TypeError"));
  });
});
