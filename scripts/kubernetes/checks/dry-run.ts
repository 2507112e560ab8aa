import type { Diagnostic } from "../../../src/diagnostics/diagnostic.ts";
import { type KubernetesObject, kubectl } from "../kubectl.ts";
import { clusterMessage } from "../messages.ts";
import { hasPods, nameOf, templateOf, type WorkloadObject } from "../objects.ts";
import type { Facts } from "./facts.ts";

/** What the API server says of all objects before any is applied: `kubectl apply --server-side --dry-run=server`. */

/** A namespace that every cluster has: objects whose own is not there yet are tried in it. */
const everywhere = "default";

const words = ["--dry-run=server", "--server-side", "--validate=strict"];

type Refusal = { readonly object: KubernetesObject; readonly said: string };

const asList = (items: readonly unknown[]): string => JSON.stringify({ apiVersion: "v1", kind: "List", items });

/**
 * Tries to apply objects. A complaint need not name whom it is about, and one mistake keeps kubectl from trying the rest, so that a
 * group that is refused is halved until each of its faulty objects is alone.
 */
async function refusals(objects: readonly KubernetesObject[], force: boolean): Promise<readonly Refusal[]> {
  const more = force ? ["--force-conflicts"] : [];
  const { status, stderr } = await kubectl(
    ["apply", ...words, ...more, "--output", "name", "--filename", "-"],
    asList(objects),
  );
  if (status === 0) return [];
  const [object, ...others] = objects;
  if (!object) return [];
  if (others.length === 0) return [{ object, said: stderr.replace(/^Warning:.*\n/gm, "").trim() }];
  const middle = Math.ceil(objects.length / 2);
  const halves = [objects.slice(0, middle), objects.slice(middle)];
  return (await Promise.all(halves.map((half) => refusals(half, force)))).flat();
}

/** Parts of a StatefulSet that never change once it is there. */
const fixed = ["selector", "serviceName", "volumeClaimTemplates", "podManagementPolicy"] as const;

/** Whether what was asked for is there; what the API server fills in beside it does not count. */
function within(asked: unknown, there: unknown): boolean {
  if (typeof asked !== "object" || asked === null) return asked === there;
  if (typeof there !== "object" || there === null) return false;
  if (Array.isArray(asked) && asked.length !== (there as readonly unknown[]).length) return false;
  return Object.entries(asked).every(([key, value]) => within(value, (there as Record<string, unknown>)[key]));
}

/** @returns which of the parts that never change are others now. */
export function changedParts(asked: KubernetesObject, live: KubernetesObject | undefined): readonly string[] {
  const spec = (object: KubernetesObject | undefined) =>
    (object as { spec?: Record<string, unknown> } | undefined)?.spec ?? {};
  return fixed.filter((part) => spec(asked)[part] !== undefined && !within(spec(asked)[part], spec(live)[part]));
}

/** What the API server says where somebody else has set a field (kubectl apply --server-side). */
const conflict = /Apply failed with \d+ conflict/;

/**
 * What the server said, without the client's part of it: how conflicts are resolved, a drawing of what differs, and the whole of an
 * object that never changes.
 */
const essence = (said: string): string =>
  said
    .replace(/^(Please review the fields above|@@ |ensure CRDs)[\s\S]*/m, "")
    .replace(/\s+/g, " ")
    .replace(/Invalid value: \{.*\}: /, "")
    .replace(/^(error: |Error from server( \(\w+\))?: )/, "")
    .replace(/error when (creating|patching|applying) "[^"]*": /, "")
    .trim();

/** @returns the field that is not known: kubectl says so by the API's own description, or the API server does. */
function unknownField(text: string): string | undefined {
  const [, inside = "", own] = /ValidationError\(\w+\.?([^)]*)\): unknown field "([^"]+)"/.exec(text) ?? [];
  if (own !== undefined) return inside === "" ? own : `${inside}.${own}`;
  const [, strict, typed] = /unknown field "([^"]+)"|: \.([\w.[\]]+): field not declared in schema/.exec(text) ?? [];
  return strict ?? typed;
}

/** What a refusal means, and what mends it. */
export function translate({ object, said }: Refusal, facts: Pick<Facts, "workloads" | "version">): Diagnostic {
  const { kind, metadata, apiVersion } = object;
  const name = nameOf(object);
  const scope = metadata.namespace === undefined ? "" : `--namespace ${metadata.namespace} `;
  const remove = (more = ""): string => `kubectl ${scope}delete ${kind.toLowerCase()} ${metadata.name}${more}`;
  const text = essence(said);
  const field = unknownField(text);
  if (field !== undefined) {
    const since = "a release that has it";
    return clusterMessage("cluster-too-old", { version: facts.version.text, field, objects: [name], since });
  }
  if (/no matches for kind/.test(text))
    return clusterMessage("cluster-kind-missing", { kind, api: apiVersion, objects: [name] });
  if (conflict.test(text)) return clusterMessage("apply-conflict", { object: name, words: text });
  if (/ is forbidden: User /.test(text)) {
    const [, right = text] = /is forbidden: (User .*)/.exec(text) ?? [];
    return clusterMessage("apply-forbidden", { words: right, objects: [name] });
  }
  const live = facts.workloads.find(
    (one) => one.kind === kind && one.metadata.name === metadata.name && one.metadata.namespace === metadata.namespace,
  );
  const fields = live ? changedParts(object, live) : [];
  if (live && kind === "StatefulSet" && fields.length > 0 && !fields.includes("selector")) {
    return clusterMessage("statefulset-changed", { object: name, fields, remove: remove(" --cascade=orphan") });
  }
  if (live && fields.includes("selector"))
    return clusterMessage("selector-changed", { object: name, remove: remove() });
  if (/immutable|Forbidden: (updates to|field can not be less)/.test(text)) {
    return clusterMessage("object-immutable", { object: name, words: text, remove: remove() });
  }
  return clusterMessage("apply-refused", { objects: [name], words: text });
}

/** One message for all objects about which the same is said. */
function together(diagnostics: readonly (Diagnostic & { readonly object: string })[]): readonly Diagnostic[] {
  const groups = Map.groupBy(diagnostics, ({ code, what, object }) => `${code} ${what.replaceAll(object, "")}`);
  return [...groups.values()].flatMap((all) => {
    const [{ object, ...first } = { object: "" } as (typeof diagnostics)[number]] = all;
    if (all.length === 1) return [first];
    const names = all.map((one) => one.object);
    const shown = names.length > 6 ? `${names.slice(0, 6).join(", ")} and ${names.length - 6} more` : names.join(", ");
    return [{ ...first, what: first.what.replace(object, shown) }];
  });
}

/** Tells of objects that the API server would refuse. @param force whether fields of others are taken over. */
export async function dryRunTroubles(
  objects: readonly KubernetesObject[],
  facts: Facts,
  force: boolean,
): Promise<readonly Diagnostic[]> {
  const there = new Set(facts.namespaces.map(({ metadata }) => metadata.name));
  const tried = objects.map((object) => {
    const { namespace } = object.metadata;
    return namespace === undefined || there.has(namespace)
      ? object
      : { ...object, metadata: { ...object.metadata, namespace: everywhere } };
  });
  const first = await refusals(tried, force);
  // Whose fields others have set is told before anything else is looked at, so that the rest is asked for as with FORCE=1.
  const contested = first.filter(({ said }) => conflict.test(said)).map(({ object }) => object);
  const found = [...first, ...(contested.length > 0 ? await refusals(contested, true) : [])];
  return together(
    found.map(({ object, said }) => {
      const own = objects[tried.indexOf(object)] ?? object;
      return { ...translate({ object: own, said }, facts), object: nameOf(own) };
    }),
  );
}

/** @returns which pods that were tried are refused, and why. @param said by kubectl on standard error. */
export const refusedPods = (said: string): readonly (readonly [workload: string, words: string])[] =>
  said.split("\n").flatMap((line): readonly (readonly [workload: string, words: string])[] => {
    const [, pod, words] =
      /pods? "try-(\S+?)" is forbidden: (.*)$/.exec(line) ??
      /pods? "try-(\S+?)" is invalid: : (ValidatingAdmissionPolicy .*)$/.exec(line) ??
      /for: .*"try-(\S+)".*: (admission webhook.*)$/.exec(line) ??
      [];
    // A quota counts pods that are never made, and says so when it is reached.
    return pod === undefined || words === undefined || /exceeded quota/.test(words)
      ? []
      : [[pod.replace("-", "/"), words]];
  });

/**
 * Tells of pods that an admission policy would refuse: a Deployment is taken whatever its pods are, and then has none. Only where
 * the namespace is there as the deployment wants it.
 */
export async function admissionTroubles(
  objects: readonly KubernetesObject[],
  facts: Facts,
): Promise<readonly Diagnostic[]> {
  const asked = new Map(objects.filter(({ kind }) => kind === "Namespace").map((one) => [one.metadata.name, one]));
  const ready = facts.namespaces.filter(({ metadata: { name, labels = {} } }) =>
    Object.entries(asked.get(name)?.metadata.labels ?? { "": "" }).every(([key, value]) => labels[key] === value),
  );
  const names = new Set(ready.map(({ metadata }) => metadata.name));
  const workloads = objects.filter(hasPods).filter(({ metadata }) => names.has(metadata.namespace ?? ""));
  const podOf = (workload: WorkloadObject) => {
    const { metadata, spec } = templateOf(workload);
    const name = `try-${workload.kind.toLowerCase()}-${workload.metadata.name}`.slice(0, 63).replace(/[-.]+$/, "");
    return {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...metadata, name, namespace: workload.metadata.namespace },
      spec,
    };
  };
  if (workloads.length === 0) return [];
  const { status, stderr } = await kubectl(
    ["create", "--dry-run=server", "--validate=ignore", "--output", "name", "--filename", "-"],
    asList(workloads.map(podOf)),
  );
  if (status === 0) return [];
  const groups = Map.groupBy(refusedPods(stderr), ([, said]) => said);
  return [...groups].map(([said, all]) =>
    clusterMessage("pod-refused", { workloads: all.map(([workload]) => workload), words: said }),
  );
}
