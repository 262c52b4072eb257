import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("navigator", run => {
  test("says what runs the worker", async () => {
    const facts = await run(() => ({ ...navigator, tag: String(navigator) }));
    expect(facts).toEqual({
      userAgent: "Cloudflare-Workers",
      hardwareConcurrency: 1,
      platform: "",
      language: "en",
      languages: ["en"],
      tag: "[object Navigator]",
    });
  });

  test("cannot be constructed or changed", async () => {
    const facts = await run(() => {
      const name = (attempt: () => unknown) => {
        try {
          attempt();
          return "no error";
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [
        name(() => new (Navigator as unknown as new () => Navigator)()),
        name(() => Reflect.get(Navigator.prototype, "sendBeacon").call({}, "http://x/")),
        Reflect.set(navigator, "userAgent", "other"),
        Object.isFrozen(navigator.languages),
      ];
    });
    expect(facts).toEqual(["TypeError", "TypeError", false, true]);
  });
});
