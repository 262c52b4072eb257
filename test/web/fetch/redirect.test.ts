import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { startOrigin } from "../../helpers/origin.ts";

/** Redirects `/<status>` to `/end`, and `/loop/<n>` to `/loop/<n+1>`. */
const redirecting = () =>
  startOrigin((request, response, body) => {
    const path = request.url ?? "/";
    if (path === "/end") {
      const { authorization = null, "content-type": type = null, cookie = null } = request.headers;
      response.end(
        JSON.stringify({ method: request.method, body: String(body), authorization, type, cookie }),
      );
    } else if (path.startsWith("/loop/")) {
      response.writeHead(302, { location: `/loop/${Number(path.slice(6)) + 1}` }).end("loop");
    } else if (path.startsWith("/to/")) {
      response.writeHead(302, { location: decodeURIComponent(path.slice(4)) }).end();
    } else {
      response.writeHead(Number(path.slice(1)), { location: "end#fragment" }).end("moved");
    }
  });

eachEngine("fetch and redirects", run => {
  test("rewrite the method as the standard says", async () => {
    const origin = await redirecting();
    const result = await run(async url => {
      const outcomes: Record<string, unknown> = {};
      for (const status of [301, 302, 303, 307, 308]) {
        for (const method of ["GET", "HEAD", "POST", "PUT"]) {
          const body = method === "POST" || method === "PUT" ? { body: "b" } : {};
          const response = await fetch(`${url}/${status}`, { method, ...body });
          if (method === "HEAD") {
            outcomes[`${status} HEAD`] = response.redirected;
            continue;
          }
          const seen = (await response.json()) as { method: string; body: string; type: string };
          outcomes[`${status} ${method}`] = `${seen.method} ${seen.body} ${seen.type}`;
        }
      }
      return outcomes;
    }, origin.url);
    const kept = "b text/plain;charset=UTF-8";
    expect(result).toEqual({
      "301 GET": "GET  null",
      "301 HEAD": true,
      "301 POST": "GET  null",
      "301 PUT": `PUT ${kept}`,
      "302 GET": "GET  null",
      "302 HEAD": true,
      "302 POST": "GET  null",
      "302 PUT": `PUT ${kept}`,
      "303 GET": "GET  null",
      "303 HEAD": true,
      "303 POST": "GET  null",
      "303 PUT": "GET  null",
      "307 GET": "GET  null",
      "307 HEAD": true,
      "307 POST": `POST ${kept}`,
      "307 PUT": `PUT ${kept}`,
      "308 GET": "GET  null",
      "308 HEAD": true,
      "308 POST": `POST ${kept}`,
      "308 PUT": `PUT ${kept}`,
    });
  });

  test("the response knows where it came from", async () => {
    const origin = await redirecting();
    const result = await run(async url => {
      const response = await fetch(`${url}/302`);
      return [response.url === `${url}/end`, response.redirected, response.status];
    }, origin.url);
    expect(result).toEqual([true, true, 200]);
  });

  test("manual mode hands over the redirect itself", async () => {
    const origin = await redirecting();
    const result = await run(async url => {
      const response = await fetch(`${url}/307`, { redirect: "manual" });
      return [response.status, response.headers.get("location"), response.redirected, await response.text()];
    }, origin.url);
    expect(result).toEqual([307, "end#fragment", false, "moved"]);
  });

  test("stop after twenty", async () => {
    const origin = await redirecting();
    const result = await run(
      async url => fetch(`${url}/loop/0`).catch((error: Error) => `${error.name}: ${error.message}`),
      origin.url,
    );
    expect(result).toBe("TypeError: Too many redirects.");
    expect(origin.requests.length).toBe(21);
  });

  test("bad places to go", async () => {
    const origin = await redirecting();
    const result = await run(async url => {
      const attempt = async (location: string) => {
        try {
          return (await fetch(`${url}/to/${encodeURIComponent(location)}`)).status;
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      };
      return [
        await attempt("http://"),
        await attempt("ftp://h/x"),
        await attempt("data:,x"),
        await attempt("javascript:alert(1)"),
      ];
    }, origin.url);
    expect(result).toEqual([
      "TypeError: Invalid Location header; unable to follow redirect.",
      "TypeError: Fetch API cannot load: ftp://h/x",
      "TypeError: Fetch API cannot load: data:,x",
      "TypeError: Fetch API cannot load: javascript:alert(1)",
    ]);
  });

  test("a redirect without Location is a response", async () => {
    const origin = await startOrigin((_request, response) => response.writeHead(302).end("nowhere"));
    const result = await run(async url => {
      const response = await fetch(url);
      return [response.status, await response.text()];
    }, origin.url);
    expect(result).toEqual([302, "nowhere"]);
  });

  test("a stream cannot be sent twice, unless nobody needs it", async () => {
    const origin = await redirecting();
    const result = await run(async url => {
      const stream = () => new Response("s").clone().body;
      const attempt = async (status: number) => {
        try {
          const response = await fetch(`${url}/${status}`, {
            method: "POST",
            body: stream(),
            duplex: "half",
          } as never);
          return ((await response.json()) as { method: string }).method;
        } catch (error) {
          return (error as Error).message.slice(0, 32);
        }
      };
      return [await attempt(303), await attempt(307), await attempt(302)];
    }, origin.url);
    expect(result).toEqual(["GET", "A request with a one-time-use bo", "A request with a one-time-use bo"]);
  });

  test("credentials stay at home", async () => {
    const home = await redirecting();
    const away = await redirecting();
    const result = await run(
      async (from, to) => {
        const headers = { authorization: "secret", cookie: "c=1" };
        const crossing = await fetch(`${from}/to/${encodeURIComponent(`${to}/end`)}`, { headers });
        const staying = await fetch(`${from}/302`, { headers });
        const pick = async (response: Response) =>
          ((await response.json()) as { authorization: string }).authorization;
        return [await pick(crossing), await pick(staying)];
      },
      home.url,
      away.url,
    );
    expect(result).toEqual([null, "secret"]);
  });

  test("all kinds of buffered bodies are sent again", async () => {
    const origin = await redirecting();
    const result = await run(async url => {
      const send = async (body: unknown) => {
        const response = await fetch(`${url}/308`, { method: "POST", body: body as never });
        return ((await response.json()) as { body: string }).body;
      };
      return [
        await send("s"),
        await send(new Uint8Array([98])),
        await send(new Blob(["c"])),
        await send(new URLSearchParams("d=e")),
      ];
    }, origin.url);
    expect(result).toEqual(["s", "b", "c", "d=e"]);
  });
});
