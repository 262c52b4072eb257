/** Connection strings: what a database is reached by. */

export type TlsMode = "disable" | "prefer" | "require" | "verify";

export interface DatabaseAddress {
  readonly scheme: "postgres" | "mysql";
  readonly hostname: string;
  readonly port: number;
  readonly database: string;
  readonly tls: TlsMode;
}

const SCHEMES: Readonly<Record<string, { scheme: "postgres" | "mysql"; port: number }>> = {
  "postgres:": { scheme: "postgres", port: 5432 },
  "postgresql:": { scheme: "postgres", port: 5432 },
  "mysql:": { scheme: "mysql", port: 3306 },
};

const TLS_MODES: Readonly<Record<string, TlsMode>> = {
  disable: "disable",
  allow: "prefer",
  prefer: "prefer",
  require: "require",
  "verify-ca": "verify",
  "verify-full": "verify",
};

/** What is wrong with a connection string; undefined where nothing is. */
export function connectionProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null)
    return "should be a connection string such as postgres://user:password@localhost:5432/database";
  const known = SCHEMES[url.protocol];
  if (known === undefined) return `should begin with postgres:// or mysql://, not ${url.protocol}//`;
  if (url.hostname === "")
    return "lacks the name of the server: postgres://user:password@localhost:5432/database";
  if (url.pathname.length < 2)
    return "lacks the name of the database: postgres://user:password@localhost:5432/database";
  if (url.username === "")
    return "lacks the name of the user: postgres://user:password@localhost:5432/database";
  if (known.scheme === "mysql") {
    const mode = url.searchParams.get("ssl-mode") ?? url.searchParams.get("sslmode") ?? "disabled";
    return /^disabled?$/i.test(mode)
      ? undefined
      : "asks for TLS, which databases of MySQL are not reached by: ssl-mode=disabled";
  }
  const mode = url.searchParams.get("sslmode") ?? "disable";
  if (Object.hasOwn(TLS_MODES, mode)) return undefined;
  return `has an unknown sslmode "${mode}": it is one of ${Object.keys(TLS_MODES).join(", ")}`;
}

/** The parts of a connection string that was found to have no problem. */
export function addressOf(text: string): DatabaseAddress {
  const url = new URL(text);
  const { scheme, port } = SCHEMES[url.protocol] ?? { scheme: "postgres", port: 5432 };
  return {
    scheme,
    hostname: decodeURIComponent(url.hostname),
    port: url.port === "" ? port : Number(url.port),
    database: decodeURIComponent(url.pathname.slice(1)),
    tls:
      scheme === "mysql" ? "disable" : (TLS_MODES[url.searchParams.get("sslmode") ?? "disable"] ?? "disable"),
  };
}
