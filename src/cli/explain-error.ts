import { described } from "../diagnostics/described.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { everyMessage } from "./every-message.ts";
import { cliMessage } from "./messages.ts";
import type { Arguments, Context, Verb } from "./verb.ts";

async function run(args: Arguments, context: Context): Promise<number> {
  const codes = args._;
  const unknown = codes.filter((code) => !everyMessage.has(code));
  if (unknown.length > 0) {
    const known = [...everyMessage.keys()];
    return context.report(unknown.map((code) => cliMessage("code-unknown", { code, near: nearest(code, known) })));
  }
  const texts = codes.flatMap((code) => {
    const entry = everyMessage.get(code);
    if (!entry) return [];
    const { status, meaning, what, fix } = described(entry);
    const gives = status === "warning" ? "a warning" : `exit status ${status}`;
    return [`${code}\n  what: ${what}\n  fix:  ${fix}\n  gives ${gives}: ${meaning}`];
  });
  context.print(texts.join("\n\n"));
  return 0;
}

export const explainError: Verb = {
  name: "explain-error",
  summary: "Say what a message means, by the code that its log line has, and how its cause is mended",
  positional: "<codes..>",
  options: {},
  examples: [["plinth explain-error parameter-missing", "what a line with this code says"]],
  run,
  offers: () => [...everyMessage.keys()],
};
