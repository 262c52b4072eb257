import { expect, test } from "vitest";
import { eachEngine } from "../helpers/each-engine.ts";
import { readSurface } from "./declarations.ts";
import { probeClasses, probeGlobals, probeRefusals } from "./probes.ts";

const surface = readSurface();
const classes = [...surface.classes.values()];

eachEngine("The surface", run => {
  test("globals", async () => {
    const functions = [...surface.functions];
    const values = [...surface.values].map(
      ([name, members]) =>
        [name, [...members]] as [string, typeof members extends readonly (infer M)[] ? M[] : never],
    );
    console.log((await run(probeGlobals, functions, values)).map(f => f.join(" — ")).join("\n"));
  });
  test("classes", async () => {
    console.log((await run(probeClasses, classes)).map(f => f.join(" — ")).join("\n"));
  });
  test("refusals", async () => {
    console.log((await run(probeRefusals, classes)).map(f => f.join(" — ")).join("\n"));
  });
});
