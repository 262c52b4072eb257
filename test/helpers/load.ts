/** A steady load of requests, each of which is accounted for. */
import { Agent, request } from "node:http";

export interface LoadReport {
  /** The bodies of all answers with the status 200, a list per client, in order. */
  readonly answers: readonly (readonly string[])[];
  /** Everything else that happened to a request. */
  readonly failures: readonly string[];
}

/** Has `clients` send one request after another until `stop` is called; then waits for those in flight. */
export function startLoad(url: string, clients: number): { stop(): Promise<LoadReport> } {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const failures: string[] = [];
  let stopped = false;
  const client = async () => {
    const answers: string[] = [];
    while (!stopped) {
      try {
        const [status, body] = await get(url, agent);
        if (status === 200) answers.push(body);
        else failures.push(`${status} ${body}`);
      } catch (error) {
        failures.push(String(error));
      }
    }
    return answers;
  };
  const running = Promise.all(Array.from({ length: clients }, client));
  return {
    async stop() {
      stopped = true;
      const answers = await running;
      agent.destroy();
      return { answers, failures };
    },
  };
}

/** One GET, on a connection of its own unless there is an agent: status and body. */
export function get(url: string, agent?: Agent): Promise<readonly [status: number, body: string]> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: agent ?? false }, response => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("error", reject);
      response.on("end", () => resolve([response.statusCode ?? 0, body]));
    });
    sent.on("error", reject).end();
  });
}
