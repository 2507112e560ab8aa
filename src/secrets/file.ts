import type { SecretObject } from "./object.ts";

/** Flux makes what has it once, and then leaves it alone: the keys are rotated in the cluster. https://fluxcd.io/flux/components/kustomize/kustomizations/ */
export const madeOnceByFlux = { "kustomize.toolkit.fluxcd.io/ssa": "IfNotPresent" } as const;

const quoted = (entries: Readonly<Record<string, string>>, indent: string): readonly string[] =>
  Object.entries(entries).map(([key, value]) => `${indent}${JSON.stringify(key)}: ${JSON.stringify(value)}`);

/** @returns the path of a Secret's manifest below the directory of all. */
export const pathOf = ({ namespace, name }: Pick<SecretObject["metadata"], "namespace" | "name">): string =>
  `${namespace}/${name}-secret.yml`;

/** Writes a Secret as YAML. Only what it holds is secret: SOPS finds that as `data`. */
export function secretText({ metadata, type, data = {} }: SecretObject): string {
  const { name, namespace, labels = {}, annotations } = metadata;
  const lines = [
    ...["apiVersion: v1", "kind: Secret", "metadata:"],
    ...quoted({ name, namespace }, "  ").map((line) => line.replace(/"(\w+)":/, "$1:")),
    ...["  labels:", ...quoted(labels, "    ")],
    ...(annotations ? ["  annotations:", ...quoted(annotations, "    ")] : []),
    ...[`type: ${type ?? "Opaque"}`, "data:", ...quoted(data, "  ")],
  ];
  return `${lines.join("\n")}\n`;
}

/**
 * Reads what a manifest of `secretText` holds, also once SOPS has decrypted it and indented it again.
 *
 * @returns `sealed` where that cannot be read: it is encrypted, or somebody else's.
 */
export function readSecretText(text: string, { namespace, name }: { namespace: string; name: string }) {
  const block = /^data:\n((?: +.*\n?)+)/m.exec(text)?.[1];
  const entries = block
    ?.split("\n")
    .filter((line) => line !== "")
    .map((line) => /^ +"?([\w.-]+)"?: "?([\w+/]*=*)"?$/.exec(line));
  if (!entries?.every((entry) => entry !== null)) return "sealed";
  const data = Object.fromEntries(entries.map(([, key = "", value = ""]) => [key, value]));
  return { apiVersion: "v1", kind: "Secret", metadata: { namespace, name }, data } as const satisfies SecretObject;
}
