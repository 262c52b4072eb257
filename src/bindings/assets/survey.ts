/** What of a folder a deployment would not take. */
import { opendir, stat } from "node:fs/promises";
import { join } from "node:path";
import { IgnoreRules } from "./ignore-rules.ts";
import { type AssetsLimits, assetsLimits } from "./limits.ts";

type Limits = Pick<AssetsLimits, "fileBytes" | "freeFiles" | "paidFiles">;

/** Large files that are named; of the others only the number is told. */
const MOST_NAMED = 5;

/** Looks through the whole folder, at its leisure. Returns warnings; none for a folder that is not there. */
export async function surveyFolder(root: string, limits: Limits = assetsLimits): Promise<readonly string[]> {
  const rules = new IgnoreRules(root);
  const large: string[] = [];
  let files = 0;
  let largeFiles = 0;
  let hasWorker = false;
  const folders = [""];
  for (const folder of folders) {
    const entries = await opendir(join(root, folder)).catch(() => undefined);
    if (entries === undefined) continue;
    for await (const entry of entries) {
      const path = `${folder}/${entry.name}`;
      if (path === "/_worker.js") hasWorker = true;
      if (rules.ignores(entry.isDirectory() ? `${path}/` : path)) continue;
      if (entry.isDirectory()) folders.push(path);
      if (!entry.isFile()) continue;
      if (++files > limits.paidFiles) break;
      const { size } = await stat(join(root, path)).catch(() => ({ size: 0 }));
      if (size <= limits.fileBytes) continue;
      largeFiles++;
      if (large.length < MOST_NAMED) large.push(`${path} (${mebibytes(size)})`);
    }
    if (files > limits.paidFiles) break;
  }
  return [
    ...workerWarning(hasWorker && !rules.exist),
    ...countWarning(files, limits),
    ...sizeWarning(large, largeFiles, limits),
  ];
}

function workerWarning(isIgnored: boolean): string[] {
  if (!isIgnored) return [];
  return [
    "_worker.js is in the assets' folder and is not served, since that would show a worker's code; a deployment refuses " +
      "it. Name it in .assetsignore, or make that an empty file to have it served.",
  ];
}

function countWarning(files: number, { freeFiles, paidFiles }: Limits): string[] {
  const number = (value: number) => value.toLocaleString("en");
  if (files > paidFiles)
    return [`the assets are more than ${number(paidFiles)} files, the most that a deployment takes`];
  if (files <= freeFiles) return [];
  return [
    `the assets are ${number(files)} files: a deployment takes ${number(freeFiles)} on the free plan, ${number(paidFiles)} on others`,
  ];
}

function sizeWarning(named: readonly string[], count: number, { fileBytes }: Limits): string[] {
  if (count === 0) return [];
  const others = count > named.length ? `, and ${count - named.length} more` : "";
  return [
    `assets larger than the ${mebibytes(fileBytes)} that a deployment takes: ${named.join(", ")}${others}`,
  ];
}

const mebibytes = (bytes: number) => `${Number((bytes / 1024 / 1024).toFixed(1))} MiB`;
