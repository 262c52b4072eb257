interface Env {
  GREETING: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/") return new Response("Not found\n", { status: 404 });
    return new Response(`${env.GREETING}, ${searchParams.get("name") ?? "world"}!\n`);
  },

  /** `worker invoke add 3 4` prints {"sum":7}. */
  add(_env: Env, a: number, b: number) {
    return { sum: a + b };
  },
};
