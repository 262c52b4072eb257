interface Env {
  readonly ASSETS: Fetcher;
}

/** The page with today's greeting in it. */
async function greeting(request: Request, env: Env): Promise<Response> {
  const url = new URL(request.url);
  const name = url.searchParams.get("name") ?? "world";
  const page = await env.ASSETS.fetch(new URL("/", url));
  return new HTMLRewriter()
    .on("h1", { element: heading => void heading.setInnerContent(`Hello, ${name}!`) })
    .transform(page);
}

export default {
  async fetch(request, env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/time") return Response.json({ unit: "ms", now: Date.now() });
    if (pathname === "/api/greeting") return greeting(request, env);
    return Response.json({ error: "no such endpoint" }, { status: 404 });
  },
} satisfies ExportedHandler<Env>;
