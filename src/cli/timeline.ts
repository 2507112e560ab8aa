import { readFileSync, writeFileSync } from "node:fs";
import { reasonOf } from "../host/process/accounts.ts";
import { holdSignals } from "../host/process/signals.ts";
import { timelinePicture } from "../timeline/picture.ts";
import { startsOf } from "../timeline/starts.ts";
import { timelineJson, timelineTable } from "../timeline/table.ts";
import { cliMessage } from "./messages.ts";
import { type Arguments, type Context, text, type Verb } from "./verb.ts";

async function run(args: Arguments, context: Context): Promise<number> {
  const files = args._.length > 0 ? args._ : ["/dev/stdin"];
  let log = "";
  for (const file of files) {
    try {
      // Not with an encoding: Node 24.21's own way for that overruns its buffer on a pipe that is filled in small pieces, and
      // aborts ("free(): invalid next size").
      log += `${readFileSync(file).toString()}\n`;
    } catch (error) {
      return context.report([cliMessage("log-unreadable", { file, reason: reasonOf(error) })]);
    }
  }
  const starts = startsOf(log);
  if (starts.length === 0) return context.report([cliMessage("log-without-starts", { files })]);
  const picture = text(args, "svg");
  if (picture !== undefined) {
    holdSignals();
    try {
      writeFileSync(picture, timelinePicture(starts));
    } catch (error) {
      return context.report([cliMessage("picture-unwritten", { file: picture, reason: reasonOf(error) })]);
    }
  }
  context.print(args["format"] === "json" ? timelineJson(starts) : timelineTable(starts));
  return 0;
}

export const timeline: Verb = {
  name: "timeline",
  summary: "Show from containers' logs when each service was started, and what plinth's time went into",
  positional: "[files..]",
  options: {
    svg: { type: "string", describe: "Draw it, too, to this file" },
    format: { type: "string", choices: ["text", "json"], default: "text", describe: "For people or for programs" },
  },
  examples: [
    ["docker compose logs --no-color | plinth timeline", "of a whole stack"],
    ["plinth timeline stack.log --svg stack.svg", "as a picture"],
  ],
  run,
};
