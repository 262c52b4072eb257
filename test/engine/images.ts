/** The folder of images that the tests of an engine have to themselves. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digest } from "../../src/digest.ts";

const folder = mkdtempSync(join(tmpdir(), "worker-images-"));
process.env["WORKER_CACHE_DIR"] = folder;
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const images = join(folder, "images");

function paths(engine: string): string[] {
  const names = readdirSync(images).filter(name => name.startsWith(engine) && !name.endsWith(".tmp"));
  return names.map(name => join(images, name));
}

/** Puts something else where the image was; undefined leaves nothing. */
export async function damageImages(
  engine: string,
  damage: Buffer | "cut" | "flip" | undefined,
): Promise<void> {
  for (const path of paths(engine)) {
    const image = readFileSync(path);
    if (damage === undefined) rmSync(path);
    else if (damage === "cut") writeFileSync(path, image.subarray(0, image.length / 2));
    else if (damage === "flip") {
      image.writeUInt8(image.readUInt8(image.length >> 1) ^ 1, image.length >> 1);
      writeFileSync(path, image);
    } else writeFileSync(path, damage);
  }
}

/** Whether there is an image, and it is as it was written. */
export function whole(engine: string): boolean {
  const [path] = paths(engine);
  if (path === undefined) return false;
  const file = readFileSync(path);
  return file.length > 32 && digest(file.subarray(0, -32)) === file.toString("latin1", file.length - 16);
}
