/** Static assets by Cloudflare's rules: redirects, HTML handling, the worker's precedence, headers, conditions, ranges. */
import { joinedHeader } from "../../web/fetch/header-list.ts";
import { matchesTag, rangeOf } from "./conditional.ts";
import { contentTypeOf } from "./content-type.ts";
import type { AssetsFetcher, AssetsRequest, AssetsResponse } from "./fetcher.ts";
import { type HeaderRules, parseHeaders } from "./headers-file.ts";
import { type Find, resolvePath } from "./html-handling.ts";
import { decodePath, encodePath, withBase, withoutBase } from "./paths.ts";
import { locationOf, parseRedirects, type RedirectRules } from "./redirects-file.ts";
import type { AssetsRouting, NotFoundHandling } from "./settings.ts";
import { type Asset, AssetChangedError, type AssetsSource, type RulesFile } from "./source.ts";
import { workerFirst } from "./worker-first.ts";

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  200: "OK",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  404: "Not Found",
  405: "Method Not Allowed",
  416: "Range Not Satisfiable",
};

/** Browsers keep an asset, and ask each time whether it is still the one. */
const CACHE_CONTROL = "public, max-age=0, must-revalidate";

/** How often an asset that changes while it is read is looked for. */
const MAX_ATTEMPTS = 5;

export interface RoutedAssetsOptions {
  /** Told of each line of `_headers` and `_redirects` that is not applied, and why. Lines count from 1. */
  onProblem(file: RulesFile, line: number, message: string): void;
}

/** An answer that headers of the rules may still be added to. */
interface Draft {
  readonly status: number;
  readonly headers: string[];
  readonly body: AssetsResponse["body"];
  readonly length: number | null;
}

export class RoutedAssets implements AssetsFetcher {
  readonly #source: AssetsSource;
  readonly #routing: AssetsRouting;
  readonly #workerFirst: ReturnType<typeof workerFirst>;
  readonly #headers: RulesText<HeaderRules>;
  readonly #redirects: RulesText<RedirectRules>;

  constructor(source: AssetsSource, routing: AssetsRouting, { onProblem }: RoutedAssetsOptions) {
    this.#source = source;
    this.#routing = routing;
    this.#workerFirst = workerFirst(routing.runWorkerFirst);
    this.#headers = new RulesText(source, "_headers", parseHeaders, onProblem);
    this.#redirects = new RulesText(
      source,
      "_redirects",
      text => parseRedirects(text, routing.htmlHandling),
      onProblem,
    );
  }

  /** Reads the rules, so that what is wrong with them is told before the first request. */
  async readRules(): Promise<void> {
    await this.#headers.current();
    await this.#redirects.current();
  }

  async route(request: AssetsRequest): Promise<AssetsResponse | null> {
    const url = URL.parse(request.url);
    if (url === null) return null;
    const first = this.#workerFirst(url.pathname);
    if (first === "worker") return null;
    if (first === "assets") return this.fetch(request);
    const { notFoundHandling, navigationPrefersAssets } = this.#routing;
    const navigates =
      navigationPrefersAssets && joinedHeader(request.headers, "sec-fetch-mode") === "navigate";
    const keeps = first === "assets-first" || navigates;
    return this.#answer(request, url, keeps ? notFoundHandling : "none");
  }

  async fetch(request: AssetsRequest): Promise<AssetsResponse> {
    const url = new URL(request.url);
    const answer = await this.#answer(request, url, this.#routing.notFoundHandling);
    if (answer !== null) return answer;
    const isInside = withoutBase(decodePath(url.pathname), this.#routing.basePath) !== null;
    return this.#finish(url, plain(404), isInside);
  }

  async close(): Promise<void> {
    await this.#source.close();
  }

  /** The assets' answer; null where they have none. */
  async #answer(
    request: AssetsRequest,
    url: URL,
    notFoundHandling: NotFoundHandling,
  ): Promise<AssetsResponse | null> {
    const { basePath } = this.#routing;
    const requested = decodePath(url.pathname);
    if (basePath !== "/" && withoutBase(requested, basePath) === null) return null;
    const redirects = await this.#redirects.current();
    const rule = redirects?.match(url) ?? null;
    if (rule !== null && rule.status !== 200)
      return this.#finish(url, plain(rule.status, ["Location", locationOf(rule.to, url)]));
    const rewritten = rule === null ? null : new URL(rule.to, url).pathname;
    const pathname = rewritten ?? url.pathname;
    const path = rewritten === null ? requested : decodePath(rewritten);
    // A rule's path is the assets' in any case.
    const notFound = rewritten === null ? notFoundHandling : this.#routing.notFoundHandling;
    for (let attempt = 1; ; attempt++) {
      try {
        const draft = await this.#draft(request, url, pathname, path, notFound, rewritten !== null);
        if (draft !== null) return this.#finish(url, draft);
        return rewritten === null ? null : this.#finish(url, plain(404));
      } catch (error) {
        if (!(error instanceof AssetChangedError) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  async #draft(
    request: AssetsRequest,
    url: URL,
    pathname: string,
    path: string,
    notFoundHandling: NotFoundHandling,
    rewritten: boolean,
  ): Promise<Draft | null> {
    const { basePath, htmlHandling } = this.#routing;
    const assetPath = withoutBase(path, basePath);
    if (assetPath === null) return null;
    const find = remembering(this.#source);
    const rootLocation = rewritten ? null : await this.#baseLocation(path, find);
    const resolution =
      rootLocation === null
        ? await resolvePath(assetPath, { htmlHandling, notFoundHandling }, find)
        : { asset: null, location: rootLocation };
    if (resolution === null) return null;
    if (request.method !== "GET" && request.method !== "HEAD") return plain(405);
    const { asset, location } = resolution;
    const canonical = encodePath(location === null ? path : withBase(location, basePath));
    if (asset === null || canonical !== pathname) return plain(307, ["Location", canonical + url.search]);
    return assetDraft(asset, resolution.status, request);
  }

  /** The base path with the other ending, where that is the one of the first page. */
  async #baseLocation(path: string, find: Find): Promise<string | null> {
    const { basePath, htmlHandling } = this.#routing;
    if (basePath === "/" || htmlHandling === "none") return null;
    const drops = htmlHandling === "drop-trailing-slash";
    if (path !== (drops ? basePath : basePath.slice(0, -1))) return null;
    return (await find("/index.html")) === null ? null : drops ? "" : "/";
  }

  async #finish(
    url: URL,
    { status, headers, body, length }: Draft,
    withRules = true,
  ): Promise<AssetsResponse> {
    const rules = withRules ? await this.#headers.current() : null;
    rules?.apply(url, headers);
    return { status, statusText: STATUS_TEXTS[status] ?? "", headers, body, length };
  }
}

function plain(status: number, headers: string[] = []): Draft {
  return { status, headers, body: null, length: status === 405 || status === 404 ? 0 : null };
}

async function assetDraft(asset: Asset, status: 200 | 404, request: AssetsRequest): Promise<Draft> {
  const { size } = asset;
  const tag = `"${await asset.etag()}"`;
  const headers = ["ETag", tag];
  const contentType = await contentTypeOf(asset.path);
  if (contentType !== null) headers.push("Content-Type", contentType);
  const asked = (name: string) => joinedHeader(request.headers, name);
  const rangeHeader = asked("range");
  if (rangeHeader === undefined && asked("authorization") === undefined)
    headers.push("Cache-Control", CACHE_CONTROL);
  headers.push("CF-Cache-Status", "HIT");
  if (matchesTag(asked("if-none-match"), tag)) return { status: 304, headers, body: null, length: null };
  if (request.method === "HEAD") return { status, headers, body: null, length: size };
  const range = status === 200 ? rangeOf(rangeHeader, asked("if-range"), tag, size) : "none";
  if (range === "none") return { status, headers, body: await asset.read(0, size), length: size };
  headers.push("Accept-Ranges", "bytes");
  if (range === "unsatisfiable") {
    headers.push("Content-Range", `bytes */${size}`);
    return { status: 416, headers, body: null, length: 0 };
  }
  const { start, end } = range;
  headers.push("Content-Range", `bytes ${start}-${end - 1}/${size}`);
  return { status: 206, headers, body: await asset.read(start, end), length: end - start };
}

/** A file of rules: parsed when its text is another one than before. */
class RulesText<Rules extends { readonly problems: readonly { line: number; message: string }[] }> {
  readonly #source: AssetsSource;
  readonly #name: RulesFile;
  readonly #parse: (text: string) => Rules;
  readonly #onProblem: RoutedAssetsOptions["onProblem"];
  #text: string | null = null;
  #rules: Rules | null = null;

  constructor(
    source: AssetsSource,
    name: RulesFile,
    parse: (text: string) => Rules,
    onProblem: RoutedAssetsOptions["onProblem"],
  ) {
    this.#source = source;
    this.#name = name;
    this.#parse = parse;
    this.#onProblem = onProblem;
  }

  async current(): Promise<Rules | null> {
    const text = await this.#source.rules(this.#name);
    if (text === this.#text) return this.#rules;
    this.#text = text;
    this.#rules = text === null ? null : this.#parse(text);
    for (const { line, message } of this.#rules?.problems ?? []) this.#onProblem(this.#name, line, message);
    return this.#rules;
  }
}

/** Asks the source once for each path. */
function remembering(source: AssetsSource): Find {
  const found = new Map<string, ReturnType<Find>>();
  return path => {
    const known = found.get(path);
    if (known !== undefined) return known;
    const asset = source.find(path);
    found.set(path, asset);
    return asset;
  };
}
