/** The URL Standard's own data, run inside the guest: each test sends all its cases in one call. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

interface ParseCase {
  input: string;
  base?: string | null;
  failure?: boolean;
  [component: string]: string | boolean | null | undefined;
}
interface HostCase {
  input: string;
  output: string | null;
}
interface SetterCase {
  href: string;
  new_value: string;
  expected: Record<string, string>;
}
interface EncodingCase {
  input: string;
  output: { "utf-8": string };
}

function data<T>(name: string): T {
  return JSON.parse(
    readFileSync(join(import.meta.dirname, "../../fixtures/url", `${name}.json`), "utf8"),
  ) as T;
}

function cases<T>(name: string): T[] {
  return data<(T | string)[]>(name).filter(item => typeof item !== "string") as T[];
}

function parseAll(given: ParseCase[]): string[] {
  const components = "href origin protocol username password host hostname port pathname search hash".split(
    " ",
  );
  const wrong: string[] = [];
  for (const item of given) {
    const label = `${JSON.stringify(item.input)} against ${item.base}`;
    const base = item.base ?? undefined;
    if (URL.canParse(item.input, base) === Boolean(item.failure)) wrong.push(`${label}: canParse`);
    let url: URL;
    try {
      url = base === undefined ? new URL(item.input) : new URL(item.input, base);
    } catch (error) {
      if (!item.failure || !(error instanceof TypeError)) wrong.push(`${label}: threw ${error}`);
      continue;
    }
    if (item.failure) wrong.push(`${label}: is ${url.href}`);
    for (const key of item.failure ? [] : components) {
      const actual = url[key as keyof URL];
      if (item[key] !== undefined && actual !== item[key]) wrong.push(`${label}: ${key} is ${actual}`);
    }
    if (new URL(url.href).href !== url.href) wrong.push(`${label}: ${url.href} changes when parsed again`);
  }
  return wrong;
}

function setAll(given: Record<string, SetterCase[]>): string[] {
  const wrong: string[] = [];
  for (const [property, list] of Object.entries(given)) {
    if (property === "comment") continue;
    for (const item of list) {
      const url = new URL(item.href) as unknown as Record<string, string>;
      url[property] = item.new_value;
      for (const [key, expected] of Object.entries(item.expected)) {
        if (url[key] === expected) continue;
        wrong.push(`${item.href} ${property} = ${JSON.stringify(item.new_value)}: ${key} is ${url[key]}`);
      }
    }
  }
  return wrong;
}

function hostsOf(given: HostCase[]): string[] {
  const wrong: string[] = [];
  for (const { input, output } of given) {
    const host = URL.parse(`https://${input}/x`)?.host ?? null;
    if (host !== output) wrong.push(`${JSON.stringify(input)} in a URL: ${host}`);
    const url = new URL("https://x/x");
    url.hostname = input;
    if (url.hostname !== (output ?? "x"))
      wrong.push(`${JSON.stringify(input)} by the setter: ${url.hostname}`);
  }
  return wrong;
}

eachEngine("The URL Standard's data", run => {
  test("parsing", async () => {
    expect(await run(parseAll, cases<ParseCase>("urltestdata"))).toEqual([]);
    expect(await run(parseAll, cases<ParseCase>("urltestdata-javascript-only"))).toEqual([]);
  });

  test("setters", async () => {
    expect(await run(setAll, data<Record<string, SetterCase[]>>("setters_tests"))).toEqual([]);
  });

  test("host names", async () => {
    const notEmpty = (item: HostCase) => item.input !== "";
    expect(await run(hostsOf, cases<HostCase>("toascii"))).toEqual([]);
    expect(await run(hostsOf, cases<HostCase>("IdnaTestV2").filter(notEmpty))).toEqual([]);
  });

  test("the encoding of queries", async () => {
    const encodeAll = (given: EncodingCase[]) =>
      given.filter(item => new URL(`https://x/?${item.input}#`).search !== `?${item.output["utf-8"]}`);
    expect(await run(encodeAll, cases<EncodingCase>("percent-encoding"))).toEqual([]);
  });
});
