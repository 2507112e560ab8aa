import type { Diagnostic } from "../../../src/diagnostics/diagnostic.ts";
import type { KubernetesObject } from "../kubectl.ts";
import { clusterMessage } from "../messages.ts";
import { nameOf } from "../objects.ts";
import type { Facts } from "./facts.ts";

/**
 * Fields, and the minor release of Kubernetes 1 in which each is on without a feature gate
 * (https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/). An API server that knows a field whose gate
 * is off drops it without a word, so a dry run does not tell.
 */
const since: readonly (readonly [field: RegExp, minor: number])[] = [
  [/\.lifecycle\.preStop\.sleep$/, 30],
  [/\.spec\.hostUsers$/, 33],
  [/\.topologySpreadConstraints\.\d+\.matchLabelKeys$/, 27],
  [/\.spec\.unhealthyPodEvictionPolicy$/, 27],
  [/\.spec\.timeZone$/, 25],
  [/\.spec\.podFailurePolicy$/, 26],
  [/\.initContainers\.\d+\.restartPolicy$/, 29],
  [/\.containers\.\d+\.restartPolicyRules$/, 35],
  [/\.spec\.trafficDistribution$/, 31],
  [/\.spec\.persistentVolumeClaimRetentionPolicy$/, 27],
  [/\.securityContext\.supplementalGroupsPolicy$/, 33],
  [/\.securityContext\.appArmorProfile$/, 30],
  [/\.volumes\.\d+\.image$/, 35],
  [/\.ingress\.\d+\.ports\.\d+\.endPort$/, 25],
];

/** The label by which Pod Security is asked for; before 1.25 it did nothing unless it was switched on. */
const podSecurity = { label: "pod-security.kubernetes.io/enforce", minor: 25 };

/** Calls back with the path of each field of an object. */
function walk(value: unknown, path: string, found: (path: string) => void): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const own = `${path}.${key}`;
    found(own);
    walk(inner, own, found);
  }
}

/** Tells of what a cluster's API server is too old for. */
export function ageTroubles(
  objects: readonly KubernetesObject[],
  { version }: Pick<Facts, "version">,
): readonly Diagnostic[] {
  const wanting = new Map<string, { readonly minor: number; readonly names: Set<string> }>();
  const want = (field: string, minor: number, object: KubernetesObject): void => {
    if (version.minor >= minor) return;
    const there = wanting.get(field) ?? { minor, names: new Set() };
    there.names.add(nameOf(object));
    wanting.set(field, there);
  };
  for (const object of objects) {
    walk(object, "", (path) => {
      const row = since.find(([pattern]) => pattern.test(path));
      if (row) want(path.replace(/\.\d+/g, "[]").replace(/^\./, ""), row[1], object);
    });
    if (object.metadata.labels?.[podSecurity.label] !== undefined) want(podSecurity.label, podSecurity.minor, object);
  }
  return [...wanting].map(([field, { minor, names }]) =>
    clusterMessage("cluster-too-old", { version: version.text, field, objects: [...names], since: `1.${minor}` }),
  );
}
