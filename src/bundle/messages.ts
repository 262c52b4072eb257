/** esbuild's messages as ours, and as text. */
import { readFileSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import type { Message } from "esbuild";
import { codeFrame } from "../code-frame.ts";
import { shortPath } from "../config/diagnostics.ts";
import { UserError } from "../errors.ts";
import type { Colors } from "../log.ts";
import type { BundleFailure, BundleMessage } from "./types.ts";

/** Translates a message. Paths in it are relative to `root`. */
export function toBundleMessage(message: Message, root: string): BundleMessage {
  const { location } = message;
  const notes = message.notes.map(note => note.text);
  if (location === null) return { text: message.text, file: null, line: 0, column: 0, codeFrame: "", notes };
  const file = isVirtual(location.file) ? null : resolve(root, location.file);
  // esbuild counts columns in bytes of UTF-8, from 0.
  const before = Buffer.from(location.lineText).subarray(0, location.column).toString();
  const at = { line: location.line, column: before.length + 1, length: location.length };
  return {
    text: message.text,
    file,
    line: at.line,
    column: at.column,
    codeFrame: frameOf(file, location.lineText, at),
    notes,
  };
}

function frameOf(
  file: string | null,
  lineText: string,
  at: { line: number; column: number; length: number },
): string {
  try {
    const source = readFileSync(file ?? "", "utf8");
    // The file may have been saved again since.
    if (source.split(/\r\n|\n|\r/, at.line)[at.line - 1] === lineText) return codeFrame(source, at);
  } catch {
    // The line that esbuild saw is enough.
  }
  return codeFrame("\n".repeat(at.line - 1) + lineText, { ...at, around: 0 });
}

function isVirtual(file: string): boolean {
  return /^[\w-]{2,}:/.test(file) && !isAbsolute(file);
}

/** One message as a user reads it, with its place, its code frame and its notes. */
export function formatBundleMessage(message: BundleMessage, cwd: string, colors?: Colors): string {
  const bold = colors?.bold ?? (text => text);
  const at =
    message.file === null ? "" : `${shortPath(cwd, message.file)}:${message.line}:${message.column}: `;
  const notes = message.notes.map(note => `  ${note}`);
  return [bold(at) + message.text, message.codeFrame, ...notes].filter(line => line !== "").join("\n");
}

/** The error that a command ends with when a bundle failed. */
export function bundleError(failure: BundleFailure, cwd: string, colors?: Colors): UserError {
  const count = failure.errors.length;
  return new UserError(
    "BUILD_FAILED",
    count === 1 ? "The worker could not be built" : `The worker could not be built: ${count} errors`,
    "Correct the code at the places named above.",
    { details: failure.errors.map(error => formatBundleMessage(error, cwd, colors)).join("\n\n") },
  );
}
