import type { Deployment, Secret, Workload } from "../deployment/deployment.ts";

/** A Secret that the pods of a deployment mount. */
export type WantedSecret = {
  readonly name: string;
  /** Where it is needed: the control plane's namespace first. It is the same in all of them. */
  readonly namespaces: readonly string[];
  /** `value`: one text, below the key `value`. `keys`: keystone's key repository, below the keys 0, 1, ... */
  readonly holds: { readonly kind: "value"; readonly made: Secret } | { readonly kind: "keys" };
};

/** @returns the Secrets of a deployment, in the order of their rows; those of keys behind them. */
export function wantedSecrets(
  deployment: Pick<Deployment, "cluster" | "workloads" | "secrets" | "volumes">,
): readonly WantedSecret[] {
  const { workloads, secrets, volumes } = deployment;
  const { control, hypervisors } = deployment.cluster.namespaces;
  const where = (uses: (workload: Workload) => boolean): readonly string[] =>
    [...new Set(workloads.filter(uses).map(({ runs }) => (runs === "hypervisor" ? hypervisors : control)))].sort(
      (one, other) => one.length - other.length,
    );
  const values = secrets.map(
    (made): WantedSecret => ({
      name: made.name,
      namespaces: where((workload) => workload.secrets.some(({ secret }) => secret === made.name)),
      holds: { kind: "value", made },
    }),
  );
  const keys = volumes.flatMap(({ name: volume, secret }): readonly WantedSecret[] => {
    if (secret === undefined) return [];
    const mounts = ({ containers }: Workload): boolean =>
      containers.some((container) => container.mounts.some((mount) => mount.volume === volume));
    return [{ name: secret, namespaces: where(mounts), holds: { kind: "keys" } }];
  });
  return [...values, ...keys];
}
