import type { BakedDetails, BakedImage, Parameter } from "../baked/baked.ts";
import { filesAtHand, filesOf } from "../image/services.ts";
import { baseName } from "../options/places.ts";
import { renderFiles } from "../render/render.ts";
import { droppedIn } from "./drop-ins.ts";
import { etcdFor, imageOption, resolveSettings } from "./inputs.ts";
import { cliMessage } from "./messages.ts";
import { nodeOptions, openSource } from "./source.ts";
import { warnOfStrayKeys } from "./stray-keys.ts";
import { type Arguments, type Context, text, type Verb, valueOrStatus } from "./verb.ts";

/** One parameter for people: what it is on one line, where it is used below. */
function describe({ name, kind, secret, required, neededBy, default: fallback, usedAt, options }: Parameter): string {
  const facts = [
    kind,
    secret ? "secret" : "",
    neededBy ? (neededBy.length > 0 ? `for ${neededBy.join(", ")}` : "used by no service") : "",
    required ? "required" : fallback === undefined ? "" : `default ${fallback}`,
  ].filter((fact) => fact !== "");
  const used = usedAt.map(({ path, place }) => `    ${path}${place ? `  ${place}` : ""}`);
  const written = options.map(({ file, section, option }) => `    ${file} [${section}] ${option}`);
  return [`${name}  (${facts.join(", ")})`, ...used, ...written].join("\n");
}

const contractText = (image: BakedImage, { contract }: BakedDetails): string =>
  [
    `${image.image.name} ${image.image.release}: ${contract.length} dynamic parameters. Each comes from the environment (NAME, or NAME_FILE for a`,
    `file), from etcd (/plinth/${image.image.name}/NAME, then /plinth/all/NAME), or from the pillar's own value.`,
    "",
    ...contract.map(describe),
  ].join("\n");

async function run(args: Arguments, context: Context): Promise<number> {
  const opened = valueOrStatus(openSource(args, context), context);
  if ("status" in opened) return opened.status;
  const { image, details } = opened.value;
  const json = args["format"] === "json";
  if (args["contract"] === true) {
    context.print(json ? JSON.stringify(details().contract) : contractText(image, details()));
    return 0;
  }
  // A node's own image may run anywhere; what is mounted here concerns the image that is here.
  const root = text(args, "root");
  for (const one of text(args, "node") === undefined || root !== undefined ? droppedIn(image, root, []) : []) {
    const file = baseName(filesOf(image.services).find(({ dialect }) => dialect === "oslo")?.path ?? "");
    const place = { kind: "document", file: one.file, line: one.line, column: 1 } as const;
    context.report([cliMessage("option-dropped-in", { ...one, file }, place)]);
  }
  const checked = [`${image.image.name} ${image.image.release}: the pillar and its templates are right`];
  if (args["start"] === true) {
    const settings = valueOrStatus(await resolveSettings(opened.value, context), context);
    if ("status" in settings) return settings.status;
    const etcd = etcdFor(context);
    if (etcd.ok && etcd.value) await warnOfStrayKeys(etcd.value, context);
    const rendered = valueOrStatus(renderFiles(image, settings.value, filesAtHand(image, settings.value)), context);
    if ("status" in rendered) return rendered.status;
    checked.push(`what it is given here is complete: ${rendered.value.length} files can be rendered`);
  }
  context.print(
    json ? JSON.stringify({ image: image.image, services: Object.keys(image.services), checked }) : checked.join("\n"),
  );
  return 0;
}

export const check: Verb = {
  name: "check",
  summary: "Check a node's pillar or a baked image, and say what it wants from where it runs",
  positional: "",
  options: {
    ...imageOption,
    ...nodeOptions,
    root: { type: "string", describe: "Look for drop-in files below this directory instead of /" },
    contract: { type: "boolean", default: false, describe: "Print the image's dynamic parameters: type, secrecy, use" },
    start: {
      type: "boolean",
      default: false,
      describe: "Check, too, that environment and etcd give all that a start needs",
    },
    format: { type: "string", choices: ["text", "json"], default: "text", describe: "For people or for programs" },
  },
  examples: [
    ["plinth check --node nova-controller --release 2026.1", "would this node do for that release?"],
    ["plinth check --contract --format json", "what the image's label io.plinth.contract holds"],
  ],
  run,
};
