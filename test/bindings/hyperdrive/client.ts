/** As much of a PostgreSQL client as the tests need (https://www.postgresql.org/docs/current/protocol.html), for a worker's script. */
export const CLIENT = `
class Client {
  constructor(socket) {
    this.writer = socket.writable.getWriter();
    this.reader = socket.readable.getReader();
    this.socket = socket;
    this.buffer = new Uint8Array(0);
  }
  async send(type, ...fields) {
    const encoder = new TextEncoder();
    const body = fields.map(field => typeof field === "number" ? [field >> 24, field >> 16, field >> 8, field] : [...encoder.encode(field), 0]).flat();
    const length = body.length + 4;
    await this.writer.write(new Uint8Array([...encoder.encode(type), length >> 24, length >> 16, length >> 8, length, ...body]));
  }
  async take(count) {
    while (this.buffer.length < count) {
      const { done, value } = await this.reader.read();
      if (done) throw new Error("the server has gone");
      const joined = new Uint8Array(this.buffer.length + value.length);
      joined.set(this.buffer);
      joined.set(value, this.buffer.length);
      this.buffer = joined;
    }
    const taken = this.buffer.subarray(0, count);
    this.buffer = this.buffer.subarray(count);
    return taken;
  }
  async message() {
    const head = await this.take(5);
    const length = new DataView(head.buffer, head.byteOffset).getInt32(1);
    return [String.fromCharCode(head[0]), await this.take(length - 4)];
  }
  async until(wanted) {
    const rows = [];
    for (;;) {
      const [type, body] = await this.message();
      const text = new TextDecoder().decode(body);
      if (type === "E") throw new Error(/\\0M([^\\0]*)/.exec(text)[1]);
      if (type === "D") rows.push(this.row(body));
      if (type === wanted) return rows;
    }
  }
  row(body) {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const values = [];
    for (let index = 0, at = 2; index < view.getInt16(0); index++) {
      const length = view.getInt32(at);
      values.push(length < 0 ? null : new TextDecoder().decode(body.subarray(at + 4, at + 4 + length)));
      at += 4 + Math.max(length, 0);
    }
    return values;
  }
  async login({ user, password, database }) {
    await this.send("", 196608, "user", user, "database", database, "");
    await this.until("R");
    await this.send("p", password);
    await this.until("Z");
  }
  async query(sql) {
    await this.send("Q", sql);
    return this.until("Z");
  }
  async end() {
    await this.send("X");
    await this.socket.close();
  }
}
`;
