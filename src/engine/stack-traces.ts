/** Stacks of the worker's exceptions, mapped to the user's own files. */
import { originalPositionFor, sourceContentFor, TraceMap } from "@jridgewell/trace-mapping";

export interface SourcePosition {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
}

export interface MappedStack {
  /** The frames, one a line, without those of the runtime itself. */
  readonly frames: readonly string[];
  /** Where the exception was thrown, in the user's code. */
  readonly position: SourcePosition | undefined;
  /** The text of that file, where the source map has it. */
  readonly source: string | undefined;
}

const FRAME = /^\s*at (?:(.*?) \()?(.*?):(\d+):(\d+)\)?$/;

export class StackMapper {
  readonly #json: string | null;
  #map: TraceMap | undefined;

  /** `sourceMap`: the JSON of the bundle's source map; parsed when the first stack needs it. */
  constructor(sourceMap: string | null) {
    this.#json = sourceMap;
  }

  map(stack: string): MappedStack {
    const frames: string[] = [];
    let position: SourcePosition | undefined;
    for (const line of stack.split("\n")) {
      const match = FRAME.exec(line);
      if (match === null) {
        if (/^\s*at .*\(native\)$/.test(line)) frames.push(`    ${line.trim()}`);
        continue;
      }
      const [, name, file = "", row, column] = match;
      if (file.startsWith("worker:") || file.startsWith("cloudflare:") || file.includes("<isolated-vm"))
        continue;
      const mapped = this.#position(file, Number(row), Number(column));
      position ??= mapped;
      const where = `${mapped.file}:${mapped.line}:${mapped.column}`;
      frames.push(name ? `    at ${name} (${where})` : `    at ${where}`);
    }
    // Those at the end are the runtime's, which called the worker.
    while (frames.at(-1)?.endsWith("(native)")) frames.pop();
    return { frames, position, source: position && this.#sourceOf(position.file) };
  }

  #position(file: string, line: number, column: number): SourcePosition {
    const map = this.#trace();
    if (map === undefined) return { file, line, column };
    const found = originalPositionFor(map, { line, column: Math.max(0, column - 1) });
    if (found.source === null) return { file, line, column };
    return { file: found.source, line: found.line, column: found.column + 1 };
  }

  #sourceOf(file: string): string | undefined {
    const map = this.#trace();
    if (map === undefined || !map.sources.includes(file)) return undefined;
    return sourceContentFor(map, file) ?? undefined;
  }

  #trace(): TraceMap | undefined {
    if (this.#json !== null) this.#map ??= new TraceMap(this.#json);
    return this.#map;
  }
}
