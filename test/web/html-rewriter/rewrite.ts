/** What the tests of HTMLRewriter run inside of a worker. */
import type { Run } from "../../helpers/each-engine.ts";

/** Calls of methods: `["before", "text", { html: true }]`; an assignment: `["tagName=", "b"]`. */
export type Calls = readonly (readonly [method: string, ...args: unknown[]])[];
export type Kind = "element" | "text" | "comments" | "end" | "endTag";
export type Rule = readonly [selector: string, kind: Kind, calls: Calls];

/** Rewrites a page by rules; `document` as a selector stands for `onDocument`. */
export function rewrite(run: Run, html: string, ...rules: Rule[]): Promise<string> {
  return run(
    (page, given) => {
      const apply = (token: Record<string, unknown>, calls: Calls) => {
        for (const [method, ...args] of calls) {
          if (method.endsWith("=")) token[method.slice(0, -1)] = args[0];
          else (token[method] as (...args: unknown[]) => unknown)(...args);
        }
      };
      const rewriter = new HTMLRewriter();
      for (const [selector, kind, calls] of given) {
        const handler = (token: never) => {
          if (kind === "endTag")
            (token as { onEndTag(f: unknown): void }).onEndTag((tag: never) => apply(tag, calls));
          else apply(token, calls);
        };
        const handlers = { [kind === "endTag" ? "element" : kind]: handler };
        if (selector === "document") rewriter.onDocument(handlers);
        else rewriter.on(selector, handlers);
      }
      return rewriter.transform(new Response(page)).text();
    },
    html,
    rules,
  );
}

/** Everything that handlers are told of a page that comes in chunks of the given sizes, in turn; text of a node in one. */
export function tokens(run: Run, html: string, sizes: number[] = [1 << 20]): Promise<unknown[]> {
  return run(
    async (page, chunkSizes) => {
      const told: unknown[] = [];
      let text = "";
      const rewriter = new HTMLRewriter()
        .on("*", {
          element(element: never) {
            const { tagName, namespaceURI, attributes } = element as {
              tagName: string;
              namespaceURI: string;
              attributes: Iterable<[string, string]>;
            };
            const namespace = namespaceURI.slice(namespaceURI.lastIndexOf("/") + 1);
            told.push(`<${tagName}>`, ...(namespace === "xhtml" ? [] : [namespace]), ...attributes);
          },
        })
        .onDocument({
          doctype({ name, publicId, systemId }: Record<string, string | null>) {
            told.push(["doctype", name, publicId, systemId]);
          },
          comments: (comment: { text: string }) => void told.push(`<!--${comment.text}-->`),
          text(chunk: { text: string; lastInTextNode: boolean }) {
            text += chunk.text;
            if (!chunk.lastInTextNode) return;
            told.push(text);
            text = "";
          },
        });
      const bytes = new TextEncoder().encode(page);
      let at = 0;
      let turn = 0;
      const body = new ReadableStream({
        pull(controller) {
          if (at >= bytes.length) {
            controller.close();
            return;
          }
          const size = chunkSizes[turn++ % chunkSizes.length] as number;
          controller.enqueue(bytes.slice(at, at + size));
          at += size;
        },
      });
      const output = await rewriter.transform(new Response(body)).text();
      return output === page ? told : [...told, "output", output];
    },
    html,
    sizes,
  );
}
