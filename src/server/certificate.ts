/** A certificate for serving HTTPS on this machine: made once, kept, and made anew before it runs out. */
import { X509Certificate } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generate } from "selfsigned";
import { cacheDirectory } from "../engine/image.ts";

const DAYS = 365;
const RENEW_BEFORE_MS = 14 * 24 * 60 * 60 * 1000;

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** The same certificate as last time, so that a browser which was told to trust it still does. */
export async function localCertificate(): Promise<Certificate> {
  const folder = join(cacheDirectory(), "certificate");
  const path = join(folder, "localhost.json");
  const kept = await readKept(path);
  if (kept !== undefined) return kept;
  const made = await generate([{ name: "commonName", value: "localhost" }], {
    algorithm: "sha256",
    notAfterDate: new Date(Date.now() + DAYS * 24 * 60 * 60 * 1000),
    extensions: [
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 2, value: "*.localhost" },
          { type: 7, ip: "127.0.0.1" },
          { type: 7, ip: "::1" },
        ],
      },
    ],
  });
  const certificate = { key: made.private, cert: made.cert };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.${process.pid}`, JSON.stringify(certificate), { mode: 0o600 });
  await rename(`${path}.${process.pid}`, path);
  return certificate;
}

async function readKept(path: string): Promise<Certificate | undefined> {
  try {
    const { key, cert } = JSON.parse(await readFile(path, "utf8")) as Certificate;
    const { validToDate } = new X509Certificate(cert);
    return validToDate.getTime() - Date.now() > RENEW_BEFORE_MS ? { key, cert } : undefined;
  } catch {
    return undefined;
  }
}
