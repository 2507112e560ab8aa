import { describeModel, templatesIn } from "../../src/cli/describing.ts";
import type { Deployment } from "../../src/deployment/deployment.ts";
import type { Engine } from "../../src/deployment/engine.ts";
import { type DeploymentSettings, readDeploymentSettings } from "../../src/deployment/requests.ts";
import { type Diagnostic, failure, type Result, success } from "../../src/diagnostics/diagnostic.ts";
import { statusOf } from "../../src/diagnostics/exit-status.ts";
import { placeText } from "../../src/diagnostics/frame.ts";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import { readRecipe } from "../../src/image/recipe.ts";
import { type Model, openModel } from "../../src/model/model.ts";

/** What a caller of make may say otherwise than the model, by the parameter of the model that it stands for. */
const said = {
  VERSION: "release",
  DEPLOY_NAME: "deploy_name",
  REGISTRY: "registry",
  STACK_NETWORK: "network",
  OUTSIDE_NETWORK: "outside_network",
  VIRTUALIZATION: "virtualization",
} as const;

type Environment = Readonly<Record<string, string | undefined>>;

const directoryOf = (environment: Environment): string =>
  environment["MODEL"] || environment["PLINTH_MODEL"] || "model";

/** What is said otherwise than in the model: each parameter with its value. */
function saidOtherwise(environment: Environment): ReadonlyMap<string, string> {
  const overrides = new Map<string, string>();
  for (const [variable, parameter] of Object.entries(said)) {
    const value = environment[variable];
    if (value) overrides.set(`_param:${parameter}`, value);
  }
  if (environment["NETWORK"] === "host") overrides.set("_param:control_network", "host");
  return overrides;
}

/** Opens the model that MODEL, then PLINTH_MODEL name, with what the environment says in its place. */
export function openNamed(environment: Environment): Result<Model> {
  const source = openDirectory(directoryOf(environment));
  return source.ok ? openModel(source.value, { overrides: saidOtherwise(environment) }) : source;
}

/** The same for plinth: words that name the model, and what is said in its place. */
export const modelWords = (environment: Environment): readonly string[] => [
  ...["--model", directoryOf(environment)],
  ...[...saidOtherwise(environment)].flatMap(([path, value]) => ["--set", `${path}=${value}`]),
];

/** What the model says of the deployment as a whole. */
export type Facts = Pick<Deployment, "release" | "region" | "imagePrefix" | "controlNetwork"> & {
  readonly deployName: string;
  readonly registry: string | undefined;
  readonly network: string;
  readonly outside: string;
  /** Where the model says these two. */
  readonly places: DeploymentSettings["places"];
};

/** For what can be done without a model. */
export const noFacts: Facts = {
  ...{ release: "", region: "", imagePrefix: "", deployName: "", registry: undefined },
  ...{ network: "127.0.0", outside: "127.0.1", controlNetwork: "containers" },
  places: { network: undefined, outside: undefined, controlNetwork: undefined },
};

/** Reads what the model says of the deployment as a whole: from the first node that is an image, since all say the same. */
export function readFacts(environment: Environment): Result<Facts> {
  const model = openNamed(environment);
  if (!model.ok) return model;
  for (const name of model.value.nodes) {
    const node = model.value.compile(name);
    if (!node.ok) return node;
    const recipe = readRecipe(name, node.value.parameters);
    if (!recipe.ok) return recipe;
    if (!recipe.value) continue;
    const told: Diagnostic[] = [];
    const whole = readDeploymentSettings({ recipe: recipe.value, parameters: node.value.parameters }, told);
    if (told.length > 0) return failure(told);
    const { release, deployName, image, registered } = recipe.value;
    const imagePrefix = image.slice(0, image.lastIndexOf("/"));
    return success({
      ...{ release, deployName, imagePrefix, ...whole },
      registry: registered ? imagePrefix.slice(0, -deployName.length - 1) : undefined,
    });
  }
  return failure([]);
}

/** Computes the deployment of the model. @param engine what it is to run on; Docker Compose, where none is said. */
export function describeNamed(environment: Environment, engine?: Engine): Result<Deployment> {
  const model = openNamed(environment);
  return model.ok ? describeModel(model.value, templatesIn("config-templates"), engine) : model;
}

/** Says what is wrong with the model, each mistake once, though many nodes may have it. @returns the exit status. */
export function tellWrong(diagnostics: readonly Diagnostic[]): number {
  const texts = diagnostics.map(({ severity, code, what, fix, place, through }) => {
    const { at, frame } = place ? placeText(place) : {};
    const from = at ? `\n  at ${at}${through ? ` (${through})` : ""}` : "";
    return `${severity}[${code}]: ${what}${from}${frame ? `\n${frame}` : ""}\n  fix: ${fix}\n`;
  });
  process.stderr.write([...new Set(texts)].join(""));
  return statusOf(diagnostics);
}
