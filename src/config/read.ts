/** The text of a configuration file, parsed, validated, with its environment applied. */
import { UserError } from "../errors.ts";
import { Diagnostics, type ParsedFile, shortPath } from "./diagnostics.ts";
import { applyEnvironment, type EffectiveConfig } from "./environment.ts";
import { parseJsonc } from "./parse-jsonc.ts";

/** Parses a file, or throws a `UserError`. What is wrong with its keys is in the diagnostics. */
export async function parseConfig(
  path: string,
  text: string,
  environment: string | null,
  cwd: string,
): Promise<{ effective: EffectiveConfig; diagnostics: Diagnostics }> {
  const file = await parse(path, text, cwd);
  const diagnostics = new Diagnostics(file, cwd);
  const effective = applyEnvironment(file, environment, diagnostics, cwd);
  return { effective, diagnostics };
}

async function parse(path: string, text: string, cwd: string): Promise<ParsedFile> {
  try {
    if (!path.endsWith(".toml")) return parseJsonc(path, text, cwd);
    const { parseToml } = await import("./parse-toml.ts");
    return parseToml(path, text, cwd);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(
      "CONFIG_SYNTAX",
      `${shortPath(cwd, path)} is nested too deeply to be read`,
      "Check that the file is the configuration you mean.",
      { cause: error },
    );
  }
}
