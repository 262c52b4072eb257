/** A worker that answers the library's fetch() with a WebSocket. */
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

const SCRIPT = `
const closes = [];
export default {
  fetch() {
    const { 0: webSocket, 1: server } = new WebSocketPair();
    server.accept();
    server.onclose = event => closes.push(event.code);
    return new Response(null, { status: 101, webSocket });
  },
  closes: () => closes,
};
`;

eachEngine("WebSocket and the library", (_, { load }) => {
  test("is told that nobody is there, and the caller what to do", async () => {
    const worker = await load({ script: SCRIPT });
    const answer = worker.fetch("http://x/", { headers: { upgrade: "websocket" } });
    await expect(answer).rejects.toMatchObject({ code: "NO_RESPONSE" });
    expect(await worker.invoke("closes")).toEqual([1006]);
    await worker.dispose();
  });
});
