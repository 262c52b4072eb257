/** The global scope of a worker against `@cloudflare/workers-types`, on each engine. */
import { describe, expect, test } from "vitest";
import { type EngineContext, eachEngine } from "../helpers/each-engine.ts";
import { ILLEGAL_INVOCATION } from "../helpers/illegal-invocation.ts";
import { ABSENCES, type Absence } from "./absences.ts";
import { type ClassShape, readSurface } from "./declarations.ts";
import type { Member } from "./members.ts";
import { type Finding, probeClasses, probeGlobals, probeInstances, probeRefusals } from "./probes.ts";

const surface = readSurface();

/** Lengths that the standards fix otherwise than the declarations, which leave out that an argument is optional. */
const STANDARD_LENGTHS: Readonly<Record<string, number>> = {
  clearInterval: 0,
  clearTimeout: 0,
  "MessagePort.postMessage": 1,
  "ReadableByteStreamController.error": 0,
  "ReadableStreamDefaultController.error": 0,
  "TransformStreamDefaultController.error": 0,
};

const standard = (shape: ClassShape): ClassShape => ({
  ...shape,
  members: shape.members.map(member => ({
    ...member,
    length: STANDARD_LENGTHS[`${shape.name}.${member.name}`] ?? member.length,
  })),
});

const classes = [...surface.classes.values()].map(standard);
const functions = [...surface.functions].map(([name, length]): [string, number] => [
  name,
  STANDARD_LENGTHS[name] ?? length,
]);
const values = [...surface.values].map(([name, members]): [string, Member[]] => [name, [...members]]);

/** Members of an absent class or object are absent with it. */
const isListed = (listed: readonly string[], name: string) =>
  listed.some(entry => name === entry || name.startsWith(`${entry}.`));

function listedFor(engine: EngineContext["name"], absences: readonly Absence[]): string[] {
  return absences
    .filter(absence => absence.engine === undefined || absence.engine === engine)
    .flatMap(absence => absence.names);
}

describe("the declarations", () => {
  test("were understood", () => {
    expect(surface.classes.size).toBeGreaterThan(70);
    expect(surface.classes.get("Headers")?.members.map(({ name }) => name)).toContain("getSetCookie");
    expect(surface.classes.get("Response")).toMatchObject({ parent: "Body", construct: 0 });
    expect(surface.classes.get("Crypto")).toMatchObject({ construct: undefined });
    expect(surface.functions.get("fetch")).toBe(1);
    expect(surface.values.get("console")?.length).toBeGreaterThan(15);
    expect(surface.modules.get("cloudflare:sockets")).toEqual(["connect"]);
  });
});

eachEngine("The surface", (run, { name: engine }) => {
  const listed = listedFor(engine, ABSENCES);
  const unlisted = (findings: readonly Finding[]) =>
    findings.filter(([name]) => !isListed(listed, name)).map(([name, what]) => `${name}: ${what}`);

  test("has every global, and nothing is listed that is there", async () => {
    const findings = [
      ...(await run(probeGlobals, functions, values)),
      ...(await run(probeClasses, classes)),
      ...(await run(probeInstances, classes)),
    ];
    expect(unlisted(findings)).toEqual([]);
    const found = findings.map(([name]) => name);
    expect(listed.filter(name => !found.some(finding => isListed([name], finding)))).toEqual([]);
  });

  test("refuses wrong receivers and illegal constructors", async () => {
    expect(unlisted(await run(probeRefusals, classes, ILLEGAL_INVOCATION))).toEqual([]);
  });
});
