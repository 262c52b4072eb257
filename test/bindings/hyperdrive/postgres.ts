/** A PostgreSQL server of the tests' own, in a temporary folder. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { temporaryFolder } from "../../helpers/each-engine.ts";
import { freePort, selfSigned } from "../../web/sockets/kit.ts";

/** Debian keeps the server's programs out of the path. */
const DEBIAN = "/usr/lib/postgresql";

/** PostgreSQL refuses to run as root: then it runs as the user that its package makes. */
const user = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : {};

function idOf(which: "-u" | "-g"): number {
  return Number.parseInt(spawnSync("id", [which, "postgres"], { encoding: "utf8" }).stdout, 10);
}

function findPrograms(): string | undefined {
  const config = spawnSync("pg_config", ["--bindir"], { encoding: "utf8" });
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const folders = [...versions.map(version => join(DEBIAN, version, "bin")), (config.stdout ?? "").trim()];
  return folders.find(folder => folder !== "" && existsSync(join(folder, "initdb")));
}

const PROGRAMS = findPrograms();

/** Why there can be no server; undefined where there can. */
export const OBSTACLE =
  PROGRAMS === undefined
    ? "PostgreSQL is not installed"
    : Number.isNaN(user.uid)
      ? "there is no user postgres to run PostgreSQL as"
      : undefined;

const program = (name: string) => join(PROGRAMS ?? "", name);

export interface Postgres {
  port: number;
}

/** Starts a server for the time of the suite, with TLS, the user "ada" and the password "pa:s/s". */
export function runningPostgres(): Postgres {
  const running: Postgres = { port: 0 };
  let server: ChildProcess | undefined;
  const folder = temporaryFolder();

  beforeAll(async () => {
    if (OBSTACLE !== undefined) return;
    const { cert, key } = await selfSigned("localhost");
    writeFileSync(join(folder, "password"), "pa:s/s");
    writeFileSync(join(folder, "server.crt"), cert);
    writeFileSync(join(folder, "server.key"), key, { mode: 0o600 });
    if (user.uid !== undefined) execFileSync("chown", ["-R", "postgres", folder]);
    const data = join(folder, "data");
    const init = [
      "--no-sync",
      "-A",
      "password",
      "-U",
      "ada",
      "-E",
      "UTF8",
      `--pwfile=${join(folder, "password")}`,
      "-D",
      data,
    ];
    execFileSync(program("initdb"), init, { ...user, cwd: folder, stdio: "ignore" });
    running.port = await freePort();
    const settings = {
      fsync: "off",
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      port: String(running.port),
      ssl: "on",
      ssl_cert_file: join(folder, "server.crt"),
      ssl_key_file: join(folder, "server.key"),
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    server = spawn(program("postgres"), ["-D", data, ...options], {
      ...user,
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    await new Promise<void>((resolve, reject) => {
      let output = "";
      server?.stderr?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (output.includes("database system is ready to accept connections")) resolve();
      });
      server?.once("exit", () => reject(new Error(`PostgreSQL ended:\n${output}`)));
    });
  }, 60_000);

  afterAll(async () => {
    if (server !== undefined && server.exitCode === null) {
      const ended = once(server, "exit");
      // To PostgreSQL: end at once, whoever is connected.
      server.kill("SIGQUIT");
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });
  return running;
}
