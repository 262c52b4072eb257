import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("structuredClone of platform objects", run => {
  test("copies Blobs and Files", async () => {
    const outcome = await run(async () => {
      const blob = new Blob(["content"], { type: "text/plain" });
      const file = new File([blob, "!"], "name.txt", { type: "text/css", lastModified: 5 });
      const copy = structuredClone({ blob, file, again: blob });
      return {
        same: [
          copy.blob === blob,
          copy.blob === copy.again,
          copy.file instanceof File,
          copy.blob instanceof File,
        ],
        blob: [await copy.blob.text(), copy.blob.type],
        file: [await copy.file.text(), copy.file.type, copy.file.name, copy.file.lastModified],
      };
    });
    expect(outcome).toEqual({
      same: [false, true, true, false],
      blob: ["content", "text/plain"],
      file: ["content!", "text/css", "name.txt", 5],
    });
  });

  test("copies Headers, and messages without a body", async () => {
    const outcome = await run(() => {
      const headers = new Headers([
        ["Set-Cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["X-Own", "1"],
      ]);
      const copied = structuredClone(headers);
      copied.set("x-own", "2");
      const request = structuredClone(
        new Request("http://host/path", { method: "PURGE", headers: { a: "b" } }),
      );
      const response = structuredClone(
        new Response(null, { status: 204, statusText: "Nothing", headers: { c: "d" } }),
      );
      return {
        headers: [copied.getSetCookie(), copied.get("x-own"), headers.get("x-own")],
        request: [request instanceof Request, request.method, request.url, request.headers.get("a")],
        response: [
          response instanceof Response,
          response.status,
          response.statusText,
          response.headers.get("c"),
        ],
        error: structuredClone(Response.error()).type,
      };
    });
    expect(outcome).toEqual({
      headers: [["a=1", "b=2"], "2", "1"],
      request: [true, "PURGE", "http://host/path", "b"],
      response: [true, 204, "Nothing", "d"],
      error: "error",
    });
  });

  test("refuses what has a body, and what cannot be cloned", async () => {
    const outcome = await run(() => {
      const values = [
        new Response("body"),
        new Request("http://host/", { method: "POST", body: "body" }),
        new URL("http://host/"),
        new FormData(),
        new Event("type"),
        new AbortController().signal,
      ];
      return values.map(value => {
        try {
          structuredClone(value);
          return "cloned";
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      });
    });
    const unsupported = (name: string) =>
      `DataCloneError: Could not serialize object of type "${name}". This type does not support serialization.`;
    expect(outcome).toEqual([
      "DataCloneError: ReadableStream can only be serialized for RPC.",
      "DataCloneError: ReadableStream can only be serialized for RPC.",
      unsupported("URL"),
      unsupported("FormData"),
      unsupported("Event"),
      unsupported("AbortSignal"),
    ]);
  });
});
