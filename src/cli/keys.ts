import { existsSync } from "node:fs";
import { join } from "node:path";
import { makeFirstKeys, type Rotation, rotateKeys } from "../host/keys.ts";
import { reasonOf } from "../host/process/accounts.ts";
import { cliMessage } from "./messages.ts";
import { type Arguments, type Context, text, type Verb } from "./verb.ts";

function makeIn(folder: string, log: Context["log"]): void {
  const there = existsSync(join(folder, "0"));
  const made = !there && makeFirstKeys(folder);
  log.info(made ? `keys made in ${folder}` : `${folder} has keys${there ? "" : " by now, made by somebody else"}`);
}

function rotateIn(folder: string, rotation: Rotation, log: Context["log"]): void {
  const rotated = rotateKeys(folder, rotation, Date.now());
  if ("primary" in rotated) {
    log.info(`${folder} rotated: key ${rotated.primary} is primary`);
    return;
  }
  const { key, signedMs } = rotated.early;
  const lifetime = `they live for ${rotation.lifetimeMs / 1000} s`;
  log.warn(
    `${folder} not rotated: key ${key} would go, which signed tokens until ${Math.round(signedMs / 1000)} s ago, and ${lifetime}. ` +
      "Rotate less often, or keep more keys (tokens.max_active_keys)",
  );
}

/** @returns a number of at least `least` that is written in digits, or undefined. */
function wholeNumber(args: Arguments, name: string, least: number): number | undefined {
  const value = Number(/^\d{1,12}$/.exec(text(args, name) ?? "")?.[0] ?? -1);
  return value >= least ? value : undefined;
}

async function run(args: Arguments, context: Context): Promise<number> {
  const keep = wholeNumber(args, "keep", 2);
  const seconds = wholeNumber(args, "lifetime", 0);
  const rotates = args["rotate"] === true;
  if (rotates && (keep === undefined || seconds === undefined)) {
    return context.report([cliMessage("rotation-unclear", {})]);
  }
  for (const folder of args._) {
    try {
      if (rotates) rotateIn(folder, { keep: keep ?? 0, lifetimeMs: (seconds ?? 0) * 1000 }, context.log);
      else makeIn(folder, context.log);
    } catch (error) {
      return context.report([cliMessage("keys-unwritten", { folder, reason: reasonOf(error) })]);
    }
  }
  return 0;
}

export const keys: Verb = {
  name: "keys",
  summary:
    "Make the first keys of keystone's repositories, where there are none, or rotate them; harmless when repeated",
  positional: "<folders..>",
  options: {
    rotate: {
      type: "boolean",
      default: false,
      describe: "Make the staged key primary, unless that would end valid tokens",
    },
    keep: { type: "string", describe: "With --rotate: how many keys stay" },
    lifetime: { type: "string", describe: "With --rotate: seconds that a token lives" },
  },
  examples: [
    ["plinth keys /var/lib/keystone/fernet-keys", "what keystone-server's job keys runs"],
    ["plinth keys --rotate --keep 3 --lifetime 43200 /var/lib/keystone/fernet-keys", "its job fernet-rotate"],
  ],
  run,
};
