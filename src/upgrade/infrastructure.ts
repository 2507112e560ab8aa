import type { Workload } from "../deployment/deployment.ts";
import { imageOf, isInfrastructure, servicesOf } from "./deployed.ts";
import type { Kept } from "./plan.ts";
import type { Side } from "./side.ts";

/** What a container of a service is, whatever its image is called. */
const specOf = ({ containers, ports, scratch, account, host }: Workload): string =>
  JSON.stringify({ containers, ports, scratch, account, host });

export type Replacement = {
  readonly workload: Workload;
  readonly change: "appears" | "goes" | "replaced";
  readonly why: string;
  /** Its packages are others. */
  readonly foundation: boolean;
};

export type Infrastructure = {
  readonly kept: readonly Kept[];
  /** In the order in which they are replaced. */
  readonly replaced: readonly Replacement[];
};

/** @returns why a service of the infrastructure has to be replaced; undefined where it may stay as it is. */
function replacementOf(workload: Workload, before: Side, after: Side): Replacement | undefined {
  const later = servicesOf(after.deployment).find(({ name }) => name === workload.name);
  if (!later) return { workload, change: "goes", why: "the new release has none", foundation: false };
  const [old, now] = [before, after].map(({ images }) => images.find(({ name }) => name === workload.image));
  const replaced = { workload, change: "replaced", foundation: false } as const;
  if (old?.foundation !== now?.foundation)
    return { ...replaced, foundation: true, why: "its packages come from elsewhere in the new release" };
  const textsOf = (image: typeof old) => JSON.stringify(image?.files.map(({ path, text }) => [path, text]));
  if (textsOf(old) !== textsOf(now)) return { ...replaced, why: "its configuration files differ" };
  return specOf(workload) === specOf(later) ? undefined : { ...replaced, why: "its containers differ" };
}

/** Tells what of the infrastructure stays as it is, with the older release's images: its packages are none of OpenStack's release. */
export function infrastructureOf(before: Side, after: Side): Infrastructure {
  const [old = [], now = []] = [before, after].map(({ deployment }) => servicesOf(deployment).filter(isInfrastructure));
  const looked = old.map((workload) => [workload, replacementOf(workload, before, after)] as const);
  const appears = now.filter(({ name }) => !old.some((one) => one.name === name));
  return {
    kept: looked.flatMap(([{ name, image }, replacement]) =>
      replacement
        ? []
        : [
            {
              workload: name,
              image: imageOf(before.deployment, image),
              why: "the same packages, files and containers in both releases",
            },
          ],
    ),
    replaced: [
      ...looked.flatMap(([, replacement]) => replacement ?? []),
      ...appears.map((workload) => ({
        workload,
        change: "appears" as const,
        why: "the old release has none",
        foundation: false,
      })),
    ],
  };
}
