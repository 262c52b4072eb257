import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("DOMException", run => {
  test("has name, message and legacy code", async () => {
    const facts = await run(() => {
      const error = new DOMException("stop", "AbortError");
      return [error.name, error.message, error.code, String(error), error instanceof Error];
    });
    expect(facts).toEqual(["AbortError", "stop", 20, "AbortError: stop", true]);
  });

  test("defaults to an Error without a message", async () => {
    const facts = await run(() => {
      const error = new DOMException();
      return [error.name, error.message, error.code, Object.prototype.toString.call(error), "cause" in error];
    });
    expect(facts).toEqual(["Error", "", 0, "[object DOMException]", false]);
  });

  test("gives a code only to the names that have one", async () => {
    const names = [
      "IndexSizeError",
      "NotFoundError",
      "DataCloneError",
      "DataError",
      "OperationError",
      "Mine",
    ];
    const codes = await run(list => list.map(name => new DOMException("", name).code), names);
    expect(codes).toEqual([1, 8, 25, 0, 0, 0]);
  });

  test("takes its name and its cause from an object", async () => {
    const facts = await run(() => {
      const error = new DOMException("m", { name: "DataError", cause: 5 } as never);
      return [error.name, error.cause, Object.keys(error).includes("cause")];
    });
    expect(facts).toEqual(["DataError", 5, false]);
  });

  test("has the constants, and a stack that starts with its text", async () => {
    const facts = await run(() => {
      const stack = new DOMException("m", "SyntaxError").stack ?? "";
      const { ABORT_ERR, DATA_CLONE_ERR } = DOMException;
      return [ABORT_ERR, DATA_CLONE_ERR, DOMException.prototype.TIMEOUT_ERR, stack.split("\n")[0]];
    });
    expect(facts).toEqual([20, 25, 23, "SyntaxError: m"]);
  });

  test("shows its properties as JSON, as on workerd", async () => {
    const json = await run(() => {
      const { stack: _stack, ...rest } = JSON.parse(JSON.stringify(new DOMException("m", "AbortError")));
      return rest;
    });
    expect(json).toEqual({ code: 20, name: "AbortError", message: "m" });
  });

  test("must be constructed, and refuses symbols", async () => {
    const messages = await run(() => {
      const attempts = [
        () => (DOMException as unknown as () => void)(),
        () => new DOMException(Symbol("x") as never),
      ];
      return attempts.map(attempt => {
        try {
          attempt();
          return "no error";
        } catch (error) {
          return (error as Error).name;
        }
      });
    });
    expect(messages).toEqual(["TypeError", "TypeError"]);
  });
});
