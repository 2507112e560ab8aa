import type { Verb } from "./verb.ts";

export const completion: Verb = {
  name: "completion",
  summary: "Print the completion script of a shell",
  positional: "[shell]",
  options: { shell: { type: "string", choices: ["bash", "zsh"], default: "bash", describe: "For which shell" } },
  examples: [
    ["source <(plinth completion bash)", "completion in this bash"],
    ["plinth completion zsh > ~/.zfunc/_plinth", "completion in every zsh"],
  ],
  async run(args, context) {
    const { completionScript } = await import("./words.ts");
    context.print(await completionScript(String(args["shell"]), context));
    return 0;
  },
};
