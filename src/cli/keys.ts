import { existsSync } from "node:fs";
import { join } from "node:path";
import { reasonOf } from "../host/accounts.ts";
import { makeFirstKeys } from "../host/keys.ts";
import { cliMessage } from "./messages.ts";
import type { Arguments, Context, Verb } from "./verb.ts";

async function run(args: Arguments, context: Context): Promise<number> {
  for (const folder of args._) {
    if (existsSync(join(folder, "0"))) {
      context.log.info(`${folder} has keys`);
      continue;
    }
    try {
      const made = makeFirstKeys(folder);
      context.log.info(made ? `keys made in ${folder}` : `${folder} has keys by now, made by somebody else`);
    } catch (error) {
      return context.report([cliMessage("keys-unwritten", { folder, reason: reasonOf(error) })]);
    }
  }
  return 0;
}

export const keys: Verb = {
  name: "keys",
  summary: "Make the first keys of keystone's repositories, where there are none; harmless when repeated",
  positional: "<folders..>",
  options: {},
  examples: [["plinth keys /var/lib/keystone/fernet-keys", "what keystone-server's job keys runs"]],
  run,
};
