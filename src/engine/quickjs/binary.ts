/** QuickJS's WebAssembly binary, as the build prepares it. */

const TABLE_EXPORT = "table";
const EXPORT_SECTION = 7;

/** The binary with its first table exported. */
export function exportTable(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  let offset = 8;
  while (offset < wasm.length) {
    const id = wasm[offset];
    const [size, start] = readLeb(wasm, offset + 1);
    if (id === EXPORT_SECTION) {
      const [count, entries] = readLeb(wasm, start);
      const name = new TextEncoder().encode(TABLE_EXPORT);
      const body = Uint8Array.from([
        ...leb(count + 1),
        ...wasm.subarray(entries, start + size),
        ...leb(name.length),
        ...name,
        0x01,
        0x00,
      ]);
      return Uint8Array.from(
        Buffer.concat([
          wasm.subarray(0, offset),
          Uint8Array.of(EXPORT_SECTION, ...leb(body.length)),
          body,
          wasm.subarray(start + size),
        ]),
      );
    }
    offset = start + size;
  }
  throw new TypeError("the WebAssembly binary exports nothing");
}

function readLeb(bytes: Uint8Array, offset: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[offset++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value >>> 0, offset];
  }
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  do {
    const rest = value >>> 7;
    bytes.push((value & 0x7f) | (rest === 0 ? 0 : 0x80));
    value = rest;
  } while (value !== 0);
  return bytes;
}
