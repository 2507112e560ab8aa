import { own } from "../overlay/variables.ts";
import { type Arguments, type Context, type Options, text } from "./verb.ts";

/** Where a deployment's repository has its model. */
const usualDirectory = "model";

export const modelOption = {
  model: {
    type: "string",
    describe: `The model's directory (classes/, nodes/); PLINTH_MODEL, then ${usualDirectory}, are the defaults`,
  },
} as const satisfies Options;

/** @returns the directory of the model that the words or the environment name. */
export const modelDirectory = (args: Arguments, context: Context): string =>
  text(args, "model") ?? own(context.environment, "PLINTH_MODEL") ?? usualDirectory;
