import net from "node:net";
import tls from "node:tls";
import { beforeAll, describe, expect, test } from "vitest";
import { type Certificate, eachSocketEngine, freePort, listening, selfSigned } from "./kit.ts";

const REFUSED = "proxy request failed, cannot connect to the specified address";
const PLAIN_ONLY = "The `secureTransport` socket option must be set to 'starttls' for startTls to be used.";

describe("TLS", () => {
  let trusted: Certificate;
  beforeAll(async () => {
    trusted = await selfSigned("localhost", "other.example");
    tls.setDefaultCACertificates([...tls.getCACertificates("default"), trusted.cert]);
  });

  /** Says which name it was asked for, then repeats what it hears. */
  const secure = listening(() =>
    tls.createServer(trusted, socket => {
      socket.on("error", () => {});
      socket.write(`for ${socket.servername || "nobody"}; `);
      socket.pipe(socket);
    }),
  );
  const untrusted = listening(async () => tls.createServer(await selfSigned("localhost")));
  const plain = listening(() =>
    net.createServer(socket => socket.once("data", () => socket.end("no TLS here"))),
  );
  /** Answers the first words in plain text, and goes on with TLS. */
  const upgrading = listening(() =>
    net.createServer(socket => {
      socket.once("data", data => {
        socket.write(`ready: ${data}`);
        const upgraded = new tls.TLSSocket(socket, { isServer: true, ...trusted });
        upgraded.on("error", () => {});
        upgraded.pipe(upgraded);
      });
    }),
  );

  eachSocketEngine("TLS", run => {
    test("a server that is trusted, asked for by its name", async () => {
      const result = await run(async (port: number) => {
        const socket = cloudflareSockets.connect(`localhost:${port}`, { secureTransport: "on" });
        const writer = socket.writable.getWriter();
        writer.write("hello");
        writer.close();
        const text = await new Response(socket.readable).text();
        return [text, socket.secureTransport, socket.upgraded, await socket.opened];
      }, secure.port);
      expect(result).toEqual([
        "for localhost; hello",
        "on",
        false,
        { remoteAddress: `localhost:${secure.port}` },
      ]);
    });

    test("a certificate of nobody known, one for another name, and no TLS at all", async () => {
      const failures = await run(
        async (addresses: string[]) => {
          const failures: unknown[] = [];
          for (const address of addresses) {
            const socket = cloudflareSockets.connect(address, { secureTransport: "on" });
            const write = socket.writable.getWriter().write("secret");
            const [opened, closed, written] = await Promise.allSettled([socket.opened, socket.closed, write]);
            const { reason } = opened as PromiseRejectedResult;
            const same = [closed, written].every(
              outcome => (outcome as PromiseRejectedResult).reason === reason,
            );
            failures.push([reason.name, reason.message, reason.cause.code, same]);
          }
          return failures;
        },
        [`localhost:${untrusted.port}`, `127.0.0.1:${secure.port}`, `localhost:${plain.port}`],
      );
      expect(failures).toEqual([
        ["Error", REFUSED, "DEPTH_ZERO_SELF_SIGNED_CERT", true],
        ["Error", REFUSED, "ERR_TLS_CERT_ALTNAME_INVALID", true],
        ["Error", REFUSED, expect.stringMatching(/^ERR_SSL_|^EPROTO|^ECONNRESET/), true],
      ]);
    });

    test("startTls() goes on with the same connection; the old socket is over", async () => {
      const result = await run(async (port: number) => {
        const decode = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
        const socket = cloudflareSockets.connect(`localhost:${port}`, { secureTransport: "starttls" });
        const { readable, writable } = socket;
        const reader = readable.getReader();
        const writer = writable.getWriter();
        writer.write("please");
        const answer = decode((await reader.read()).value);
        reader.releaseLock();
        writer.releaseLock();
        const secure = socket.startTls();
        const before = [socket.upgraded, secure.upgraded, socket.secureTransport, secure.secureTransport];
        const secureWriter = secure.writable.getWriter();
        secureWriter.write("secret");
        const secureReader = secure.readable.getReader();
        const secret = decode((await secureReader.read()).value);
        const thrown = (action: () => unknown) => {
          try {
            return action();
          } catch (error) {
            return String(error);
          }
        };
        await socket.closed;
        await socket.close();
        const old = [
          socket.upgraded,
          socket.readable === readable,
          thrown(() => readable.getReader()),
          thrown(() => writable.getWriter()),
          thrown(() => socket.startTls()),
          thrown(() => secure.startTls()),
        ];
        await secureWriter.write("still there");
        const more = decode((await secureReader.read()).value);
        await secure.close();
        return { answer, before, secret, old, more };
      }, upgrading.port);
      expect(result).toEqual({
        answer: "ready: please",
        before: [false, false, "starttls", "on"],
        secret: "secret",
        old: [
          true,
          true,
          "TypeError: This ReadableStream is currently locked to a reader.",
          "TypeError: This WritableStream is currently locked to a writer.",
          "TypeError: The connection was closed before startTls could be started.",
          "TypeError: Cannot startTls on a TLS socket.",
        ],
        more: "still there",
      });
    });

    test("startTls() looks for the name that it is told", async () => {
      const outcomes = await run(async (port: number) => {
        const outcomes: unknown[] = [];
        for (const expectedServerHostname of ["other.example", "third.example"]) {
          const socket = cloudflareSockets.connect(`localhost:${port}`, { secureTransport: "starttls" });
          const reader = socket.readable.getReader();
          const writer = socket.writable.getWriter();
          writer.write("please");
          await reader.read();
          reader.releaseLock();
          writer.releaseLock();
          const secure = socket.startTls({ expectedServerHostname });
          const write = secure.writable.getWriter().write("secret");
          const read = secure.readable.getReader().read();
          const settled = await Promise.allSettled([secure.opened, write, read]);
          outcomes.push(settled.map(({ status }) => status));
          await secure.close();
          const error = await secure.closed.catch(reason => reason);
          if (error !== undefined) outcomes.push(error.message, error.cause.code);
        }
        return outcomes;
      }, upgrading.port);
      expect(outcomes).toEqual([
        ["fulfilled", "fulfilled", "fulfilled"],
        ["rejected", "rejected", "rejected"],
        "TLS handshake failed.",
        "ERR_TLS_CERT_ALTNAME_INVALID",
      ]);
    });

    test("startTls() where it cannot be", async () => {
      const refusals = await run(
        async (port: number, nowhere: number) => {
          const thrown = (action: () => unknown) => {
            try {
              action();
              return "starts";
            } catch (error) {
              return error instanceof TypeError ? error.message : String(error);
            }
          };
          const open = (secureTransport: string, to = port) =>
            cloudflareSockets.connect(`localhost:${to}`, { secureTransport });
          const off = open("off");
          const failure = (socket: GuestSocket) => socket.opened.catch(error => error.message);
          const closed = open("starttls");
          await closed.close();
          const locked = [open("starttls"), open("starttls")] as const;
          const reader = locked[0].readable.getReader();
          const writer = locked[1].writable.getWriter();
          const lockedOutcomes = [await failure(locked[0].startTls()), await failure(locked[1].startTls())];
          writer.write("please");
          reader.releaseLock();
          const [again, twice] = [locked[0], open("starttls")];
          twice.startTls();
          const second = thrown(() => twice.startTls());
          await locked[1].close();
          return [
            thrown(() => off.startTls()),
            thrown(() => open("starttls").startTls(5)),
            thrown(() => closed.startTls()),
            second,
            ...lockedOutcomes,
            thrown(() => again.startTls()),
            await failure(open("starttls", nowhere).startTls()),
          ];
        },
        upgrading.port,
        await freePort(),
      );
      expect(refusals).toEqual([
        PLAIN_ONLY,
        "Failed to execute 'startTls' on 'Socket': parameter 1 is not of type 'TlsOptions'.",
        "The connection was closed before startTls could be started.",
        "startTls has already been called on this socket.",
        "The ReadableStream has been locked to a reader.",
        "This WritableStream is currently locked to a writer.",
        "starts",
        REFUSED,
      ]);
    });
  });
});
