/** `run_worker_first`: https://developers.cloudflare.com/workers/static-assets/routing/worker-script/ */
import { type AssetsLimits, assetsLimits } from "./limits.ts";
import { escapeRegExp } from "./rules.ts";

/**
 * Who answers for a path. "assets": the assets alone. "assets-first": the assets, with what they do about paths
 * that they do not have, then the worker. "default": the assets that there are, then the worker.
 */
export type Precedence = "worker" | "assets" | "assets-first" | "default";

export function workerFirst(rules: boolean | readonly string[]): (pathname: string) => Precedence {
  if (typeof rules === "boolean") return () => (rules ? "worker" : "default");
  const excepted = rules.filter(rule => rule.startsWith("!")).map(rule => globToRegExp(rule.slice(1)));
  const included = rules.filter(rule => !rule.startsWith("!")).map(globToRegExp);
  return pathname => {
    if (excepted.some(rule => rule.test(pathname))) return "assets";
    return included.some(rule => rule.test(pathname)) ? "worker" : "assets-first";
  };
}

function globToRegExp(glob: string): RegExp {
  const parts = glob.split("*").map(escapeRegExp);
  return new RegExp(`^${parts.join(".*")}$`);
}

/** What is wrong with a list of rules, in Cloudflare's judgement. */
export function workerFirstProblems(
  rules: readonly string[],
  limits: Pick<AssetsLimits, "workerFirstRules" | "workerFirstRuleLength"> = assetsLimits,
): string[] {
  if (rules.length === 0) return ["should have a rule: true means all paths"];
  const { workerFirstRules, workerFirstRuleLength } = limits;
  if (rules.length > workerFirstRules) return [`can have ${workerFirstRules} rules, not ${rules.length}`];
  const problems: string[] = [];
  if (rules.every(rule => rule.startsWith("!")))
    problems.push("has exceptions only: name what they are exceptions of");
  for (const [index, rule] of rules.entries()) {
    if (!/^!?\//.test(rule)) problems.push(`has "${rule}": a rule begins with "/", an exception with "!/"`);
    else if (rule.length > workerFirstRuleLength)
      problems.push(`has "${rule}", which is longer than ${workerFirstRuleLength} characters`);
    else if (rules.indexOf(rule) < index) problems.push(`has "${rule}" twice`);
    else {
      const wider = rules.find(
        other => other !== rule && other.endsWith("*") && rule.startsWith(other.slice(0, -1)),
      );
      if (wider !== undefined) problems.push(`has "${rule}", which "${wider}" covers already`);
    }
  }
  return problems;
}
