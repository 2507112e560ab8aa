import { mkdirSync } from "node:fs";
import { kubectlFor } from "../../host/kubernetes/cluster.ts";
import { driveKubernetes } from "../../host/kubernetes/driver.ts";
import { unitsOf } from "../../manifest/units.ts";
import type { Images } from "../../manifest/write.ts";
import type { Side } from "../../upgrade/side.ts";
import { manifestOptions, readImages } from "../manifests.ts";
import { text, valueOrStatus } from "../verb.ts";
import type { Opened, Opening } from "./prepared.ts";

/** How pods call the images of a release, by the names that the plan has. */
const called = ({ deployment: { imagePrefix, release } }: Side, images: Images): readonly [string, string][] =>
  Object.entries(images).map(([name, full]) => [`${imagePrefix}/${name}:${release}`, full]);

/** @returns what drives the deployment in the cluster that is meant. */
export function openKubernetes({ args, context, planned, own, within, database }: Opening): Opened {
  const { before, after } = planned;
  const read = (side: Side, option: string) =>
    valueOrStatus(
      readImages(text(args, option), [...new Set(side.deployment.workloads.map(({ image }) => image))]),
      context,
    );
  const old = read(before, "from-images");
  if ("status" in old) return old;
  const now = read(after, "images");
  if ("status" in now) return now;
  mkdirSync(own, { recursive: true });
  const { deployment } = before;
  const which = { context: text(args, "context"), kubeconfig: text(args, "kubeconfig") };
  const driver = driveKubernetes({
    kubectl: kubectlFor(which, context.environment, context.passed),
    units: {
      from: unitsOf(deployment, manifestOptions(old.value)),
      to: unitsOf(after.deployment, manifestOptions(now.value)),
    },
    images: new Map([...called(before, old.value), ...called(after, now.value)]),
    database,
    namespace: deployment.cluster.namespaces.control,
    within,
  });
  return { value: driver };
}
