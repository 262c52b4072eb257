/** Work for the platform's own code: each path does one kind, and answers with a sum over what came out. */
const KIB = 1024;
const MIB = 1024 * KIB;
const CHUNK_BYTES = 64 * KIB;

const ARTICLES = 64;
/** Of a page of 5 MB. */
const PAGE_PARTS = 168;
const STREAM_BYTES = 100 * MIB;
const DIGESTED_BYTES = 100 * MIB;
const SIGNATURES = 10_000;
const SIGNED_BYTES = 64;
const URLS = 20_000;

const work = {
  "/html-rewriter": url => rewritten(Number(url.searchParams.get("parts") ?? PAGE_PARTS)),
  "/streams": streamed,
  "/digest": digested,
  "/hmac": signed,
  "/url": parsed,
};

export default {
  async fetch(request) {
    const url = new URL(request.url);
    return new Response((await work[url.pathname]?.(url)) ?? "ready");
  },
};

/** One part of the page: about 31 KB of well-formed HTML. */
function pagePart() {
  const articles = Array.from({ length: ARTICLES }, (_, index) => {
    const even = index % 2 === 0;
    return `<article id="a${index}" class="post ${even ? "even" : "odd"}" data-kind="${even ? "news" : "Opinion"}">
  <header><h2>Article ${index} &amp; more</h2><time datetime="2026-08-01">today</time></header>
  <!-- a remark -->
  <p class="lead">First of <b>several</b> <i>short</i> lines, with a <a href="https://example.com/${index}">link</a>.</p>
  <p>Another, <a class="more" href="/more?a=${index}&amp;b=2" target=_blank>more</a> &lt;here&gt;.</p>
  <ul><li>one</li><li>two</li><li>three</li></ul><img src="/images/${index}.png" alt='' loading=lazy><br>
</article>
`;
  });
  return new TextEncoder().encode(`<section>\n${articles.join("")}</section>\n`);
}

/** The part again and again, cut into chunks with no regard to its tags. */
function pageStream(parts) {
  const part = pagePart();
  const repeats = Math.ceil(CHUNK_BYTES / part.length) + 1;
  const repeated = new Uint8Array(repeats * part.length);
  for (let index = 0; index < repeats; index++) repeated.set(part, index * part.length);
  const end = parts * part.length;
  let position = 0;
  return new ReadableStream({
    pull(controller) {
      if (position === end) return controller.close();
      const start = position % part.length;
      const length = Math.min(CHUNK_BYTES, end - position);
      position += length;
      controller.enqueue(repeated.slice(start, start + length));
    },
  });
}

const MARKED = [
  "article",
  "article.odd",
  "article#a7",
  'article[data-kind="opinion" i]',
  "article > header > h2",
  "a[href^='https:']",
  "a.more[target]",
  "img[loading=lazy]",
  "ul li:first-child",
  "section time[datetime]",
];

const COUNTED = [
  "p",
  "p.lead",
  "p:not(.lead)",
  "article.even p",
  "li:nth-child(2n + 1)",
  "p:first-of-type",
  "b",
  "p > i",
  "[data-kind*=ew]",
  "table td",
];

async function rewritten(parts) {
  let elements = 0;
  const rewriter = new HTMLRewriter();
  for (const [index, selector] of MARKED.entries()) {
    rewriter.on(selector, {
      element(element) {
        element.setAttribute(`data-mark-${index}`, "seen");
      },
    });
  }
  for (const selector of COUNTED) {
    rewriter.on(selector, {
      element() {
        elements++;
      },
    });
  }
  const page = new Response(pageStream(parts), { headers: { "content-type": "text/html" } });
  const bytes = await countBytes(rewriter.transform(page).body);
  return `${elements} elements, ${bytes} bytes`;
}

async function streamed() {
  let left = STREAM_BYTES;
  const source = new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      left -= CHUNK_BYTES;
      controller.enqueue(new Uint8Array(CHUNK_BYTES));
    },
  });
  const body = source
    .pipeThrough(new TransformStream())
    .pipeThrough(new TransformStream())
    .pipeThrough(new TransformStream());
  return `${await countBytes(body)} bytes`;
}

async function countBytes(stream) {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.byteLength;
  return bytes;
}

async function digested() {
  const stream = new crypto.DigestStream("SHA-256");
  const writer = stream.getWriter();
  const chunk = new Uint8Array(MIB).fill(7);
  for (let left = DIGESTED_BYTES; left > 0; left -= MIB) await writer.write(chunk);
  await writer.close();
  return hex(await stream.digest);
}

/** Each signature goes into what is signed next, so that the last one depends on all. */
async function signed() {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new Uint8Array(32).fill(7), algorithm, false, ["sign"]);
  const data = new Uint8Array(SIGNED_BYTES);
  for (let index = 0; index < SIGNATURES; index++) {
    data.set(new Uint8Array(await crypto.subtle.sign("HMAC", key, data)));
  }
  return hex(data.slice(0, 32));
}

function hex(bytes) {
  return Array.from(new Uint8Array(bytes), byte => byte.toString(16).padStart(2, "0")).join("");
}

const ADDRESSES = [
  n => `https://example.com/articles/${n}?page=${n}&sort=asc#top`,
  n => `http://user${n}:secret@shop.example.org:8080/a/./b/../c/${n}`,
  n => `HTTPS://WWW.Example.COM:443/%7Euser/${n}?q=a+b%20c&empty=&q=2`,
  n => `https://bücher${n}.example/straße?stück=größe ${n}`,
  n => `http://0x7f.1:${1024 + n}/status?n=${n}`,
  n => `http://[2001:db8:0:0:0:0:0:${(n % 0xffff).toString(16)}]/index.html`,
  n => `file:///C:/folder/${n}/../file.txt`,
  n => `mailto:someone${n}@example.com?subject=Hello%20World`,
  n => `https://cdn.example.net\\images\\${n}.png?w=100&h=200&fit=crop&dpr=2`,
  n => `//example.com/relative/${n}?a[]=1&a[]=2`,
];

function parsed() {
  let characters = 0;
  let parameters = 0;
  for (let index = 0; index < URLS; index++) {
    const url = new URL(ADDRESSES[index % ADDRESSES.length](index), "https://base.example/");
    characters += url.href.length;
    for (const [name, value] of url.searchParams) parameters += name.length + value.length;
  }
  return `${characters} characters, ${parameters} in parameters`;
}
