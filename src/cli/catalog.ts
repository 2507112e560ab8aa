import { applyCatalog } from "../catalog/apply.ts";
import { readWanted } from "../catalog/wanted.ts";
import { readText } from "../host/files.ts";
import { openKeystone } from "../host/keystone-api.ts";
import { cliMessage } from "./messages.ts";
import { type Arguments, type Context, type Verb, valueOrStatus } from "./verb.ts";

async function run(args: Arguments, context: Context): Promise<number> {
  const file = args._[0] ?? "";
  const text = valueOrStatus(readText(file, "plinth start catalog renders it, and then runs this verb"), context);
  if ("status" in text) return text.status;
  const wanted = readWanted(text.value);
  if (!wanted) return context.report([cliMessage("catalog-malformed", { file })]);
  let changes = 0;
  try {
    await applyCatalog(wanted, await openKeystone(wanted), (what, done) => {
      changes++;
      context.log.info({ done }, `${what} ${done}`);
    });
  } catch (error) {
    const { cause, message } = error as Error;
    const reason = cause instanceof Error ? `${message} (${cause.message})` : message;
    return context.report([cliMessage("catalog-refused", { url: wanted.url, reason })]);
  }
  context.log.info({ changes }, `the catalog at ${wanted.url} is as the pillar says (${changes} changes)`);
  return 0;
}

export const catalog: Verb = {
  name: "catalog",
  summary: "Make keystone's roles, projects, users, services and endpoints as a file says; what is right is left alone",
  positional: "<file>",
  options: {},
  examples: [["plinth catalog /etc/keystone/catalog.json", "what keystone-server's job catalog runs"]],
  run,
};
