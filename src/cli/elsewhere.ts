/** What wrangler's users type and this program does not have, with what to do instead. */

const NOT_YET = "This version does not have it yet.";
const LOCAL = "Everything runs on this machine: leave it out.";
const AS_SENT = "The worker sees each request as it was sent: leave it out.";

/** Options of `wrangler dev` and `wrangler deploy --dry-run` that are no options here. */
export const ABSENT_OPTIONS: Readonly<Record<string, string>> = {
  "--experimental-local": LOCAL,
  "--infer-origin-from-routes": AS_SENT,
  "--inspector-ip": NOT_YET,
  "--inspector-port": NOT_YET,
  "--jurisdiction": LOCAL,
  "-J": LOCAL,
  "--latest": "Without a compatibility date the newest that is known is used: leave it out.",
  "--legacy-env": "Environments are those of the configuration: leave it out.",
  "--local": LOCAL,
  "-l": LOCAL,
  "--local-upstream": AS_SENT,
  "--node-compat": "Use --compatibility-flags nodejs_compat.",
  "--outfile": "Name a folder: --outdir DIR.",
  "--remote": LOCAL,
  "-r": LOCAL,
  "--route": AS_SENT,
  "--routes": AS_SENT,
  "--schedule": 'Name cron triggers in the configuration: "triggers": { "crons": [...] }.',
  "--schedules": 'Name cron triggers in the configuration: "triggers": { "crons": [...] }.',
  "--show-interactive-dev-session": "The server reads no keys: leave it out.",
  "--site": 'Name the folder in the configuration: "site": { "bucket": "public" }.',
  "--triggers": 'Name cron triggers in the configuration: "triggers": { "crons": [...] }.',
  "--tunnel": "The server is reached from this machine and network only.",
  "--types": NOT_YET,
  "--upload-source-maps": "Use --sourcemap.",
  "--upstream-protocol": AS_SENT,
};

const DEPLOY = 'worker runs on this machine and deploys nothing; "worker build" makes the bundle.';
const RUN = 'Use "worker run" to serve without watching, "worker dev" with.';

/** Commands of wrangler, and words that are guessed. */
export const ABSENT_COMMANDS: Readonly<Record<string, string>> = {
  create: "Nothing has to be created: what the configuration names is there.",
  deploy: DEPLOY,
  generate: NOT_YET,
  init: `${NOT_YET} The package's templates folder has whole projects to copy.`,
  "kv:bulk": "It is written with a space: worker kv bulk.",
  "kv:key": "It is written with a space: worker kv key.",
  "kv:namespace": "It is written with a space: worker kv namespace.",
  login: "worker uses no account and no network.",
  preview: RUN,
  publish: DEPLOY,
  secret: "Put secrets into .dev.vars or .env beside the configuration.",
  serve: RUN,
  start: RUN,
  tail: "The servers of worker dev and worker run print the worker's log.",
  test: "Use your test runner; worker run --request and worker invoke make smoke tests.",
  types: NOT_YET,
  whoami: "worker uses no account and no network.",
};
