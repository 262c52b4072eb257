/**
 * Which asset answers for a path, and under which path it is to be asked for.
 * https://developers.cloudflare.com/workers/static-assets/routing/advanced/html-handling/
 */
import type { AssetsRouting, HtmlHandling } from "./settings.ts";
import type { Asset } from "./source.ts";

/** An asset with the status it answers with, or another path that the client should ask for. */
export type Resolution =
  | { readonly asset: Asset; readonly status: 200 | 404; readonly location: null }
  | { readonly asset: null; readonly location: string };

export type Find = (path: string) => Asset | null | Promise<Asset | null>;

/** Serve a file; or, where there is that file, have the client ask for `location`, which then answers with the file. */
type Step = { readonly file: string; readonly location?: string };

/** What answers for a decoded path; null where no asset does. */
export async function resolvePath(
  path: string,
  routing: Pick<AssetsRouting, "htmlHandling" | "notFoundHandling">,
  find: Find,
): Promise<Resolution | null> {
  for (const step of stepsOf(routing.htmlHandling, path)) {
    const asset = await find(step.file);
    if (asset === null) continue;
    if (step.location === undefined) return { asset, status: 200, location: null };
    if (await leadsTo(asset, step.location, routing, find)) return { asset: null, location: step.location };
  }
  return notFound(path, routing.notFoundHandling, find);
}

/** Whether a request for `location` would be answered with that asset: where it would not, nothing leads there. */
async function leadsTo(
  asset: Asset,
  location: string,
  routing: Pick<AssetsRouting, "htmlHandling" | "notFoundHandling">,
  find: Find,
): Promise<boolean> {
  if ((await find(location)) !== null) return false;
  for (const step of stepsOf(routing.htmlHandling, location)) {
    if (step.location !== undefined) continue;
    const found = await find(step.file);
    if (found !== null) return found.path === asset.path;
  }
  return (await notFound(location, routing.notFoundHandling, find))?.asset?.path === asset.path;
}

async function notFound(
  path: string,
  handling: AssetsRouting["notFoundHandling"],
  find: Find,
): Promise<Resolution | null> {
  if (handling === "single-page-application") {
    const asset = await find("/index.html");
    return asset && { asset, status: 200, location: null };
  }
  if (handling === "404-page") {
    for (let folder = path; folder !== ""; ) {
      folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")));
      const asset = await find(`${folder}/404.html`);
      if (asset !== null) return { asset, status: 404, location: null };
    }
  }
  return null;
}

/** What is tried for a path, in order. */
function stepsOf(handling: HtmlHandling, path: string): readonly Step[] {
  switch (handling) {
    case "auto-trailing-slash":
      return autoSteps(path);
    case "force-trailing-slash":
      return forceSteps(path);
    case "drop-trailing-slash":
      return dropSteps(path);
    case "none":
      return [{ file: path }];
  }
}

const without = (path: string, end: string) => path.slice(0, -end.length);

/** A page `foo.html` is at `/foo`, a page `foo/index.html` at `/foo/`. */
function autoSteps(path: string): readonly Step[] {
  const steps: Step[] = [];
  if (path.endsWith("/index")) {
    const folder = without(path, "index");
    const page = without(path, "/index");
    steps.push({ file: path }, { file: `${path}.html`, location: folder });
    steps.push({ file: `${page}.html`, location: page });
  } else if (path.endsWith("/index.html")) {
    const page = without(path, "/index.html");
    steps.push({ file: path, location: without(path, "index.html") });
    steps.push({ file: `${page}.html`, location: page });
  } else if (path.endsWith("/")) {
    const page = without(path, "/");
    steps.push({ file: `${path}index.html` }, { file: `${page}.html`, location: page });
  } else if (path.endsWith(".html")) {
    const page = without(path, ".html");
    steps.push({ file: path, location: page }, { file: `${page}/index.html`, location: `${page}/` });
  }
  steps.push({ file: path }, { file: `${path}.html` });
  steps.push({ file: `${path}/index.html`, location: `${path}/` });
  return steps;
}

/** Both are at `/foo/`. */
function forceSteps(path: string): readonly Step[] {
  const steps: Step[] = [];
  if (path.endsWith("/index")) {
    const folder = without(path, "index");
    steps.push({ file: path }, { file: `${path}.html`, location: folder });
    steps.push({ file: `${without(path, "/index")}.html`, location: folder });
  } else if (path.endsWith("/index.html")) {
    const folder = without(path, "index.html");
    steps.push({ file: path, location: folder });
    steps.push({ file: `${without(path, "/index.html")}.html`, location: folder });
  } else if (path.endsWith("/")) {
    steps.push({ file: `${path}index.html` }, { file: `${without(path, "/")}.html` });
  } else if (path.endsWith(".html")) {
    const page = without(path, ".html");
    steps.push({ file: path, location: `${page}/` }, { file: path });
    steps.push({ file: `${page}/index.html`, location: `${page}/` });
  }
  steps.push({ file: path }, { file: `${path}.html`, location: `${path}/` });
  steps.push({ file: `${path}/index.html`, location: `${path}/` });
  return steps;
}

/** Both are at `/foo`; the first page of all is at `/`. */
function dropSteps(path: string): readonly Step[] {
  const steps: Step[] = [];
  if (path === "/") {
    steps.push({ file: "/index.html" });
  } else if (path === "/index") {
    steps.push({ file: path }, { file: "/index.html", location: "/" });
  } else if (path === "/index.html") {
    steps.push({ file: path, location: "/" });
  } else if (path.endsWith("/index")) {
    const page = without(path, "/index");
    steps.push({ file: path }, { file: `${page}.html`, location: page });
    steps.push({ file: `${path}.html`, location: page });
  } else if (path.endsWith("/index.html")) {
    const page = without(path, "/index.html");
    steps.push({ file: path, location: page }, { file: path });
    steps.push({ file: `${page}.html`, location: page });
  } else if (path.endsWith("/")) {
    const page = without(path, "/");
    steps.push({ file: `${page}.html`, location: page }, { file: `${page}/index.html`, location: page });
  } else if (path.endsWith(".html")) {
    const page = without(path, ".html");
    steps.push({ file: path, location: page }, { file: `${page}/index.html`, location: page });
  }
  steps.push({ file: path }, { file: `${path}.html` }, { file: `${path}/index.html` });
  return steps;
}
