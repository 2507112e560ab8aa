import type { Deployment } from "../deployment/deployment.ts";
import { compareReleases, type Names, namesBetween, type ReadOptions } from "../release/diff.ts";
import { affectedOf } from "./affected.ts";
import { restoreText } from "./commands.ts";
import { diffFiles } from "./files.ts";
import { infrastructureOf } from "./infrastructure.ts";
import { phasesOf } from "./phases.ts";
import type { ParameterChange, Plan } from "./plan.ts";
import type { Side } from "./side.ts";
import type { Typed } from "./typed.ts";

const workloadsOf = ({ workloads }: Deployment, kind: "service" | "job"): readonly string[] =>
  workloads.filter((one) => one.kind === kind).map(({ name }) => name);

/** All dynamic parameters of a release's images, by name. */
function parametersOf({ images }: Side): ReadonlyMap<string, ParameterChange> {
  const found = new Map<string, ParameterChange>();
  for (const { name: image, parameters } of images) {
    for (const { name, required, secret } of parameters) {
      const known = found.get(name);
      found.set(name, {
        name,
        images: [...(known?.images ?? []), image],
        required: required || known?.required === true,
        secret: secret || known?.secret === true,
      });
    }
  }
  return found;
}

function comparedParameters(before: Side, after: Side): Plan["parameters"] {
  const [old, now] = [parametersOf(before), parametersOf(after)];
  const without = (some: typeof old, others: typeof old): readonly ParameterChange[] =>
    [...some.values()].filter(({ name }) => !others.has(name));
  return { new: without(now, old), gone: without(old, now) };
}

/** @param read lists of options, by component and release. */
export type Given = Omit<Typed, "databases"> & { readonly read: ReadOptions };

/**
 * A deployment of which each service has one container, but those of hypervisors: Kubernetes replaces copies by itself, one after the
 * other.
 */
const withoutCopies = (deployment: Deployment): Deployment => ({
  ...deployment,
  workloads: deployment.workloads.map((one) =>
    one.runs === "hypervisor" ? one : { ...one, containers: one.containers.slice(0, 1) },
  ),
});

/** Computes how the deployment of one release becomes that of another: both of the same model, described for the same engine. */
export function planUpgrade(before: Side, after: Side, { read, ...typed }: Given): Plan {
  const containersOf = typed.engine === "kubernetes" ? withoutCopies : (one: Deployment): Deployment => one;
  const both = { before: containersOf(before.deployment), after: containersOf(after.deployment) };
  const { release: from } = both.before;
  const { release: to, name } = both.after;
  const components = [...new Set([...before.images, ...after.images].map(({ component }) => component))];
  const images = new Set([...before.images, ...after.images].map((image) => image.name));
  const compared = compareReleases(from, to, read, components);
  const isDeployed = (setting: string): boolean => images.has(setting.split(" ")[0] ?? "");
  const settings = {
    new: compared.settings.new.filter(isDeployed),
    gone: compared.settings.gone.filter(isDeployed),
    defaults: compared.settings.defaults.filter(({ setting }) => isDeployed(setting)),
  };
  const infrastructure = infrastructureOf(before, after);
  const said = { ...typed, databases: before.databases };
  const between = (kind: "service" | "job"): Names =>
    namesBetween(workloadsOf(both.before, kind), workloadsOf(both.after, kind));
  const filesOf = (component: string): readonly string[] => {
    const own = [...after.images, ...before.images].filter((image) => image.component === component);
    return [...new Set(own.flatMap(({ files }) => files.filter(({ listed }) => listed).map(({ path }) => path)))];
  };
  return {
    format: 1,
    from,
    to,
    deployment: name,
    engine: typed.engine,
    phases: phasesOf(both, infrastructure, said),
    restore: { commands: restoreText(both, said) },
    kept: infrastructure.kept,
    components: compared.components,
    services: between("service"),
    jobs: between("job"),
    parameters: comparedParameters(before, after),
    settings,
    features: compared.features,
    options: Object.entries(compared.options)
      .map(([component, changes]) => ({ component, files: filesOf(component), changes }))
      .toSorted((one, other) => components.indexOf(one.component) - components.indexOf(other.component)),
    affected: affectedOf(before, after, { options: compared.options, settings }),
    files: diffFiles(before, after),
  };
}
