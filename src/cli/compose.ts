import { dirname, relative, resolve } from "node:path";
import { composeText } from "../compose/write.ts";
import { writeWhole } from "../host/files.ts";
import { makeSecretFiles } from "../host/secret-directory.ts";
import { templatesBeside } from "./baking.ts";
import { describeModel, templatesIn } from "./describing.ts";
import { modelOptions, openNamed } from "./model/opened.ts";
import { ourselves } from "./owned.ts";
import { nodeOptions } from "./source.ts";
import { type Arguments, type Context, text, type Verb, valueOrStatus } from "./verb.ts";

/** Where the secrets are beside the file. */
const usualSecrets = "secrets";

async function run(args: Arguments, context: Context): Promise<number> {
  const opened = valueOrStatus(openNamed(args, context), context);
  if ("status" in opened) return opened.status;
  const load = templatesIn(text(args, "templates") ?? templatesBeside());
  const described = valueOrStatus(describeModel(opened.value.model, load), context);
  if ("status" in described) return described.status;
  const deployment = described.value;

  const output = text(args, "output");
  const directory = output === undefined ? "." : dirname(output);
  const secrets = text(args, "secrets") ?? resolve(directory, usualSecrets);
  // Compose takes a path for one from the file's directory where it begins with a dot.
  const secretsDirectory = `./${relative(directory, secrets)}`;
  const written = composeText(deployment, { by: "plinth compose", secretsDirectory });
  if (output === undefined) {
    context.print(written, { exact: true });
    return 0;
  }
  const owner = ourselves();
  const done = valueOrStatus(writeWhole([{ path: output, text: written, mode: 0o644, owner }]), context);
  if ("status" in done) return done.status;
  const made = makeSecretFiles(secrets, deployment.secrets);
  const containers = deployment.workloads.flatMap((workload) => workload.containers).length;
  context.log.info({ output, secrets, made: made.length }, `wrote ${containers} containers of ${deployment.name}`);
  return 0;
}

export const compose: Verb = {
  name: "compose",
  summary: "Write the model's deployment as a project of Docker Compose, and make the secrets that it has not got yet",
  positional: "",
  options: {
    ...modelOptions,
    templates: nodeOptions.templates,
    output: { type: "string", describe: "The file to write; left out, it is printed, and no secret is made" },
    secrets: {
      type: "string",
      describe: `Directory with a file for each secret; ${usualSecrets}, beside the output, is the default`,
    },
  },
  examples: [
    ["plinth compose --output cloud/compose.yaml", "then: docker compose --file cloud/compose.yaml up --detach"],
    ["plinth compose --set _param:nova_controller_replicas=3", "looks at what another number of replicas would be"],
  ],
  run,
};
