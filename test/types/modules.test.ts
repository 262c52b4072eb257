/** The runtime's modules, and what a handler is given, against `@cloudflare/workers-types`. */
import { expect, test } from "vitest";
import { eachEngine } from "../helpers/each-engine.ts";
import { type Absence, CONTEXT_ABSENCES, MODULE_ABSENCES } from "./absences.ts";
import { readSurface } from "./declarations.ts";

const surface = readSurface();
const namesOf = (absences: readonly Absence[]) => absences.flatMap(({ names }) => names);

eachEngine("The runtime's modules", (_run, { load }) => {
  test("export what is declared, but for what is listed", async () => {
    const absent: string[] = [];
    for (const [name, exports] of surface.modules) {
      const script = `
        import * as module from ${JSON.stringify(name)};
        export default { run: (env, names) => names.filter(name => module[name] === undefined) };
      `;
      const worker = await load({ script }).catch(() => undefined);
      if (worker === undefined) absent.push(name);
      else {
        const missing = (await worker.invoke("run", exports)) as string[];
        absent.push(...missing.map(missed => `${name} ${missed}`));
        await worker.dispose();
      }
    }
    expect(absent.sort()).toEqual(namesOf(MODULE_ABSENCES).sort());
  });

  test("have classes to build upon", async () => {
    const worker = await load({
      script: `
        import { NonRetryableError } from "cloudflare:workflows";
        import { DurableObject, RpcTarget, WorkerEntrypoint, WorkflowEntrypoint } from "cloudflare:workers";
        const bases = [DurableObject, WorkerEntrypoint, WorkflowEntrypoint];
        export default {
          run() {
            const error = new NonRetryableError("text");
            return {
              names: [...bases, RpcTarget, NonRetryableError].map(Class => Class.name),
              fields: bases.map(Base => { class Mine extends Base { get() { return [this.ctx, this.env]; } } return new Mine(1, 2).get(); }),
              error: [String(error), new NonRetryableError("text", "Own").name, error instanceof Error],
            };
          },
        };
      `,
    });
    expect(await worker.invoke("run")).toEqual({
      names: ["DurableObject", "WorkerEntrypoint", "WorkflowEntrypoint", "RpcTarget", "NonRetryableError"],
      fields: [
        [1, 2],
        [1, 2],
        [1, 2],
      ],
      error: ["NonRetryableError: text", "Own", true],
    });
  });
});

eachEngine("The execution context", (_run, { load }) => {
  test("has what is declared, but for what is listed", async () => {
    const declared = (surface.interfaces.get("ExecutionContext") ?? []).filter(({ optional }) => !optional);
    expect(declared.length).toBeGreaterThan(5);
    const worker = await load({
      script: `
        import { WorkerEntrypoint } from "cloudflare:workers";
        export default class extends WorkerEntrypoint {
          run(names) { return [names.filter(name => !(name in this.ctx)), String(this.ctx)]; }
        }
      `,
    });
    const names = declared.map(({ name }) => name);
    const [absent, tag] = (await worker.invoke("run", names)) as [string[], string];
    expect(absent.sort()).toEqual(namesOf(CONTEXT_ABSENCES).sort());
    expect(tag).toBe("[object ExecutionContext]");
  });

  test("enters spans, which nobody traces", async () => {
    const worker = await load({
      script: `
        import { tracing, WorkerEntrypoint } from "cloudflare:workers";
        const outside = tracing.getActiveSpan();
        const refusal = action => { try { return action(); } catch (error) { return String(error); } };
        export default class extends WorkerEntrypoint {
          run() {
            const { tracing: own } = this.ctx;
            const root = own.getActiveSpan();
            const span = own.startSpan("mine");
            return [
              outside === undefined, own === tracing, String(root),
              own.enterSpan("name", (span, ...args) => [String(span), span === own.getActiveSpan(), span === root, args], 1, 2),
              own.getActiveSpan() === root,
              own.withActiveSpan(span, () => own.getActiveSpan() === span),
              [span.isTraced, span.setAttribute("key", 1) === span, span.setStatus({ code: "ok" }) === span, span.spanContext().traceFlags],
              refusal(() => own.enterSpan("name", () => { throw new RangeError("mine"); })),
              refusal(() => own.enterSpan("name", 5)),
              refusal(() => span.setStatus({ code: "fine" })),
              refusal(() => new own.Span()),
            ];
          }
        }
      `,
    });
    expect(await worker.invoke("run")).toEqual([
      true,
      true,
      "[object Span]",
      ["[object Span]", true, false, [1, 2]],
      true,
      true,
      [false, true, true, 0],
      "RangeError: mine",
      "TypeError: Failed to execute 'enterSpan' on 'Tracing': parameter 2 is not a function.",
      "TypeError: Span status code must be 'unset', 'ok', or 'error'.",
      "TypeError: Illegal constructor",
    ]);
  });
});
