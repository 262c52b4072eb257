import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../helpers/each-engine.ts";
import { eachSocketEngine, freePort, selfSigned } from "./kit.ts";

const PROGRAM = ["redis-server", "valkey-server"].find(
  name => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
);

/** As much of a client as the tests need (https://redis.io/docs/latest/develop/reference/protocol-spec/). */
const CLIENT = `
globalThis.RedisClient = class RedisClient {
  constructor(socket) {
    this.socket = socket;
    this.writer = socket.writable.getWriter();
    this.reader = socket.readable.getReader();
    this.chunks = [];
    this.length = 0;
  }
  async send(...commands) {
    const encoder = new TextEncoder();
    const parts = [];
    for (const words of commands) {
      parts.push(encoder.encode("*" + words.length + "\\r\\n"));
      for (const word of words) {
        const bytes = typeof word === "string" ? encoder.encode(word) : word;
        parts.push(encoder.encode("$" + bytes.byteLength + "\\r\\n"), bytes, encoder.encode("\\r\\n"));
      }
    }
    await this.writer.write(new Uint8Array(await new Blob(parts).arrayBuffer()));
  }
  async command(...words) {
    await this.send(words);
    return this.reply();
  }
  async fill() {
    const { done, value } = await this.reader.read();
    if (done) throw new Error("the server has gone");
    this.chunks.push(value);
    this.length += value.byteLength;
  }
  async take(count) {
    while (this.length < count) await this.fill();
    const taken = new Uint8Array(count);
    for (let offset = 0; offset < count; ) {
      const chunk = this.chunks[0];
      const part = chunk.subarray(0, count - offset);
      taken.set(part, offset);
      offset += part.byteLength;
      if (part.byteLength === chunk.byteLength) this.chunks.shift();
      else this.chunks[0] = chunk.subarray(part.byteLength);
    }
    this.length -= count;
    return taken;
  }
  async line() {
    for (let text = ""; ; ) {
      if (this.length === 0) await this.fill();
      const end = this.chunks[0].indexOf(10);
      text += new TextDecoder().decode(await this.take(end < 0 ? this.chunks[0].byteLength : end + 1));
      if (end >= 0) return text.slice(0, -2);
    }
  }
  async reply() {
    const line = await this.line();
    const rest = line.slice(1);
    if (line[0] === "-") throw new Error(rest);
    if (line[0] === ":") return Number(rest);
    if (line[0] === "*") {
      const list = [];
      for (let count = Number(rest); count > 0; count--) list.push(await this.reply());
      return list;
    }
    if (line[0] !== "$") return rest;
    if (rest === "-1") return null;
    const bytes = (await this.take(Number(rest) + 2)).subarray(0, -2);
    return bytes.byteLength > 1000 ? bytes : new TextDecoder().decode(bytes);
  }
};
`;

describe("a Redis server", () => {
  const folder = temporaryFolder();
  let server: ChildProcess | undefined;
  let port = 0;
  let securePort = 0;

  beforeAll(async () => {
    if (PROGRAM === undefined) return;
    const { key, cert } = await selfSigned("localhost");
    tls.setDefaultCACertificates([...tls.getCACertificates("default"), cert]);
    writeFileSync(join(folder, "key.pem"), key);
    writeFileSync(join(folder, "cert.pem"), cert);
    [port, securePort] = [await freePort(), await freePort()];
    const settings = {
      port,
      bind: "127.0.0.1",
      save: "",
      appendonly: "no",
      dir: folder,
      "tls-port": securePort,
      "tls-key-file": join(folder, "key.pem"),
      "tls-cert-file": join(folder, "cert.pem"),
      "tls-auth-clients": "no",
    };
    const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    server = spawn(PROGRAM, options, { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise<void>((resolve, reject) => {
      let log = "";
      server?.stdout?.on("data", data => {
        log += data;
        if (log.includes("Ready to accept connections")) resolve();
      });
      server?.once("exit", () => reject(new Error(`The server did not start:\n${log}`)));
    });
  });

  afterAll(async () => {
    if (server !== undefined) {
      const gone = new Promise(resolve => server?.once("exit", resolve));
      server.kill("SIGKILL");
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(({ skip }) => {
    if (PROGRAM === undefined) skip("Neither redis-server nor valkey-server is on the PATH.");
  });

  eachSocketEngine(
    "Redis",
    run => {
      test("commands and their answers, errors among them", async () => {
        const result = await run(async (to: number) => {
          const client = new RedisClient(cloudflareSockets.connect(`127.0.0.1:${to}`));
          const answers = [
            await client.command("PING"),
            await client.command("SET", "greeting", "hällo"),
            await client.command("GET", "greeting"),
            await client.command("GET", "nothing"),
            await client.command("INCR", "greeting").catch((error: Error) => error.message),
            await client.command("QUIT"),
            await client.reply().catch((error: Error) => error.message),
          ];
          await client.socket.closed;
          return answers;
        }, port);
        expect(result).toEqual([
          "PONG",
          "OK",
          "hällo",
          null,
          "ERR value is not an integer or out of range",
          "OK",
          "the server has gone",
        ]);
      });

      test("a pipeline of 500 commands in one write, and 100 in a write each", async () => {
        const result = await run(async (to: number) => {
          const client = new RedisClient(cloudflareSockets.connect(`127.0.0.1:${to}`));
          await client.command("DEL", "counter");
          await client.send(...Array.from({ length: 500 }, () => ["INCR", "counter"]));
          let last: unknown;
          for (let count = 0; count < 500; count++) last = await client.reply();
          const writes = Array.from({ length: 100 }, () => client.send(["INCR", "counter"]));
          for (let count = 0; count < 100; count++) last = await client.reply();
          await Promise.all(writes);
          await client.socket.close();
          return last;
        }, port);
        expect(result).toBe(600);
      });

      test.each(["plain", "TLS"])("a value of 10 MB there and back (%s)", async transport => {
        const secure = transport === "TLS";
        const result = await run(
          async (to: number, secureTransport: string) => {
            const client = new RedisClient(cloudflareSockets.connect(`localhost:${to}`, { secureTransport }));
            const value = new Uint8Array(10 * 1024 * 1024);
            for (let offset = 0; offset < value.byteLength; offset += 65536) {
              crypto.getRandomValues(value.subarray(offset, offset + 65536));
            }
            const digest = async (bytes: Uint8Array) =>
              new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)).join();
            const set = await client.command("SET", "large", value);
            const back = (await client.command("GET", "large")) as Uint8Array;
            await client.socket.close();
            return [set, back.byteLength, (await digest(back)) === (await digest(value))];
          },
          secure ? securePort : port,
          secure ? "on" : "off",
        );
        expect(result).toEqual(["OK", 10 * 1024 * 1024, true]);
      });

      test("messages from one connection to another", async () => {
        const result = await run(async (to: number) => {
          const open = () => new RedisClient(cloudflareSockets.connect(`127.0.0.1:${to}`));
          const [subscriber, publisher] = [open(), open()];
          const heard: unknown[] = [await subscriber.command("SUBSCRIBE", "news")];
          const next = subscriber.reply();
          heard.push(await publisher.command("PUBLISH", "news", "first"), await next);
          await publisher.send(["PUBLISH", "news", "second"], ["PUBLISH", "news", "third"]);
          heard.push(await subscriber.reply(), await subscriber.reply());
          await Promise.all([subscriber.socket.close(), publisher.socket.close()]);
          return heard;
        }, port);
        expect(result).toEqual([
          ["subscribe", "news", 1],
          1,
          ["message", "news", "first"],
          ["message", "news", "second"],
          ["message", "news", "third"],
        ]);
      });

      test("a connection ends with its event", async () => {
        await run(async (to: number) => {
          const client = new RedisClient(cloudflareSockets.connect(`127.0.0.1:${to}`));
          await client.command("CLIENT", "SETNAME", "left-open");
        }, port);
        const named = () =>
          run(async (to: number) => {
            const client = new RedisClient(cloudflareSockets.connect(`127.0.0.1:${to}`));
            const list = (await client.command("CLIENT", "LIST")) as string | Uint8Array;
            const text = typeof list === "string" ? list : new TextDecoder().decode(list);
            return text.includes("name=left-open");
          }, port);
        await expect.poll(named).toBe(false);
      });

      test("waiting for a message is no hang; that which wakes it may come from another event", async () => {
        const waiting = run(async (to: number) => {
          const client = new RedisClient(cloudflareSockets.connect(`127.0.0.1:${to}`));
          return client.command("BLPOP", "queue", "0");
        }, port);
        const pushed = await run(async (to: number) => {
          const client = new RedisClient(cloudflareSockets.connect(`127.0.0.1:${to}`));
          while (!String(await client.command("INFO", "clients")).includes("blocked_clients:1")) {
            await scheduler.wait(5);
          }
          return client.command("RPUSH", "queue", "item");
        }, port);
        expect([await waiting, pushed]).toEqual([["queue", "item"], 1]);
      });
    },
    CLIENT,
  );
});
