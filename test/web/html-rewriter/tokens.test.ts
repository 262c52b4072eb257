/** The objects that handlers are given: what they refuse, and how. */
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { ILLEGAL_INVOCATION } from "../../helpers/illegal-invocation.ts";

const INVALID =
  "TypeError: This content token is no longer valid. Content tokens are only valid during the execution of the " +
  "relevant content handler.";

eachEngine("Tokens of an HTMLRewriter", run => {
  test("are used by their own methods only, and not after their handler", async () => {
    const outcome = await run(async () => {
      const tokens: Record<string, object> = {};
      const keep = (name: string) => (token: object) => {
        tokens[name] ??= token;
      };
      await new HTMLRewriter()
        .on("p", {
          element(element: { onEndTag(handler: (tag: object) => void): void; attributes: object }) {
            keep("Element")(element);
            keep("AttributesIterator")(element.attributes);
            element.onEndTag(keep("EndTag"));
          },
          text: keep("Text"),
          comments: keep("Comment"),
        } as never)
        .onDocument({ doctype: keep("Doctype"), end: keep("DocumentEnd") } as never)
        .transform(new Response("<!doctype html><p a=b>text<!--comment--></p>"))
        .text();
      const attempt = (action: () => unknown) => {
        try {
          return `accepted: ${String(action())}`;
        } catch (error) {
          return String(error);
        }
      };
      const members = Object.entries(tokens).flatMap(([type, token]) => {
        const prototype = Object.getPrototypeOf(token) as object;
        return Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([key, descriptor]) =>
          (["value", "get", "set"] as const)
            .filter(part => key !== "constructor" && typeof descriptor[part] === "function")
            .map(part => ({ type, key, part, call: descriptor[part] as () => unknown, token, prototype })),
        );
      });
      const wrong = members.flatMap(({ type, key, part, call, token, prototype }) =>
        [undefined, null, 1, {}, prototype, Object.create(token), new Proxy(token, {}), new Response()].map(
          receiver => [`${type}.${key} ${part}`, attempt(() => Reflect.apply(call, receiver, []))],
        ),
      );
      const late = members.map(({ type, key, part, call, token }) => {
        const args = key === "onEndTag" ? [() => {}] : ["x", {}];
        return [`${type}.${key} ${part}`, attempt(() => Reflect.apply(call, token, args))];
      });
      const without = members
        .filter(({ part, key }) => part === "value" && !/^(remove|removeAndKeepContent|next)$/.test(key))
        .map(({ type, key, call, token }) => [
          `${type}.${key}`,
          attempt(() => Reflect.apply(call, token, [])),
        ]);
      const options = attempt(() =>
        (tokens["Element"] as { before(a: string, b: string): void }).before("x", "y"),
      );
      return { count: members.length, wrong, late, without, options };
    });
    expect(outcome.count).toBe(42);
    expect(outcome.wrong.filter(([, what]) => what !== ILLEGAL_INVOCATION)).toEqual([]);
    expect(outcome.late.filter(([, what]) => what !== INVALID)).toEqual([]);
    // Arguments are looked at before the token is.
    expect(outcome.without.filter(([, what]) => !what?.startsWith("TypeError: Failed to execute '"))).toEqual(
      [],
    );
    expect(outcome.options).toBe(
      "TypeError: Failed to execute 'before' on 'Element': parameter 2 is not of type 'ContentOptions'.",
    );
  });
});
