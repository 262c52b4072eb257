/** Bare node:http: `node node-http.ts PORT`. The most that a server in one Node.js process can do. */
import { createServer } from "node:http";

createServer((_request, response) => {
  response.setHeader("content-type", "text/plain;charset=UTF-8");
  response.end("Hello World");
}).listen(Number(process.argv[2]), "127.0.0.1");
