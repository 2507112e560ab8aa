import { setTimeout as sleep } from "node:timers/promises";
import { type Diagnostic, failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { Held } from "../../upgrade/driver.ts";
import { driverMessage } from "../driver-messages.ts";
import type { Answer, Cluster } from "./api.ts";
import { clusterMessage, refusalMessage } from "./messages.ts";

/** Seconds after which a lock that nobody has renewed is free: who held it was killed, or cannot reach the cluster. */
const leaseSeconds = 30;
/** Milliseconds between two renewals, and between two looks at somebody else's lock. */
const renewal = 5000;
const look = 1000;
/** Lines of the record that are kept: an upgrade and its way back are some three hundred. An object has room for a megabyte. */
const keptLines = 3000;

/** The name of the Lease that is the lock, and of the ConfigMap that is the record. */
const name = "plinth-upgrade";

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/ */
type Lease = {
  readonly metadata: { readonly resourceVersion?: string };
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
  };
};

type Record = {
  readonly metadata: { readonly resourceVersion?: string };
  readonly data?: { readonly record?: string };
};

const conflict = 409;
const missing = 404;

/** A time as the API wants it: with microseconds. */
const now = (): string => new Date().toISOString().replace(/Z$/, "000Z");

function refused(what: string, { status, said }: Answer): Diagnostic {
  const given = { what, status, said };
  if (status === 401 || status === 403) return clusterMessage("cluster-forbids-upgrade", given);
  return refusalMessage(given);
}

/** Objects of one kind and of this name in a namespace. */
function objects<T extends { readonly metadata: { readonly resourceVersion?: string } }>(
  { ask }: Cluster,
  { namespace, api, kind, plural }: Readonly<{ [key in "namespace" | "api" | "kind" | "plural"]: string }>,
) {
  const directory = `/${api}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
  const apiVersion = api.replace(/^apis?\//, "");
  const what = (verb: string): string => `${verb} the ${kind} ${namespace}/${name}`;
  return {
    /** @returns the object; undefined where there is none. */
    async read(): Promise<Result<T | undefined>> {
      const asked = await ask("GET", `${directory}/${name}`);
      if (!asked.ok) return asked;
      if (asked.value.status === missing) return success(undefined);
      return asked.value.said === "" ? success(asked.value.body as T) : failure([refused(what("get"), asked.value)]);
    },
    /** Writes it if it is as it was read. @returns it; undefined where somebody else was faster. */
    async write(before: T | undefined, fields: object): Promise<Result<T | undefined>> {
      const { resourceVersion } = before?.metadata ?? {};
      const labels = { "app.kubernetes.io/managed-by": "plinth" };
      const metadata = { name, namespace, labels, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
      const body = { apiVersion, kind, metadata, ...fields };
      const asked = await (before ? ask("PUT", `${directory}/${name}`, body) : ask("POST", directory, body));
      if (!asked.ok) return asked;
      if (asked.value.status === conflict || asked.value.status === missing) return success(undefined);
      const verb = before ? "update" : "create";
      return asked.value.said === "" ? success(asked.value.body as T) : failure([refused(what(verb), asked.value)]);
    },
  };
}

const isFree = ({ spec }: Lease): boolean =>
  !spec.holderIdentity ||
  Date.parse(spec.renewTime ?? "") + (spec.leaseDurationSeconds ?? leaseSeconds) * 1000 < Date.now();

/**
 * Takes the lock of a deployment's upgrades: a Lease in its namespace, which is renewed as long as this process holds it. A ConfigMap
 * beside it is the record.
 *
 * @param within milliseconds until somebody else's lock must be free.
 */
export async function hold(
  cluster: Cluster,
  namespace: string,
  { by, within, onWait }: { readonly by: string; readonly within: number; readonly onWait: (holder: string) => void },
): Promise<Result<Held>> {
  const leases = objects<Lease>(cluster, {
    ...{ namespace, api: "apis/coordination.k8s.io/v1", kind: "Lease", plural: "leases" },
  });
  const records = objects<Record>(cluster, { namespace, api: "api/v1", kind: "ConfigMap", plural: "configmaps" });
  const began = performance.now();
  const spec = (acquired: string) => ({
    spec: { holderIdentity: by, leaseDurationSeconds: leaseSeconds, acquireTime: acquired, renewTime: now() },
  });
  let told = false;
  let lease: Lease | undefined;
  while (lease === undefined) {
    const there = await leases.read();
    if (!there.ok) return there;
    if (there.value === undefined || isFree(there.value)) {
      const taken = await leases.write(there.value, spec(now()));
      if (!taken.ok) return taken;
      lease = taken.value;
      if (lease !== undefined) break;
    }
    const { holderIdentity = "one that begins just now", acquireTime } = there.value?.spec ?? {};
    const holder = acquireTime === undefined ? holderIdentity : `${holderIdentity}, since ${acquireTime}`;
    if (!told) onWait(holder);
    told = true;
    const waited = performance.now() - began;
    if (waited > within) return failure([driverMessage("upgrade-held", { holder, waited: Math.round(waited / 1000) })]);
    await sleep(look);
  }
  const acquired = lease.spec.acquireTime ?? now();
  const lost = new AbortController();
  let renewed = performance.now();
  let renewing: Promise<void> = Promise.resolve();
  const lose = (reason: string): void => lost.abort(new Error(reason));
  const renew = async (): Promise<void> => {
    const again = await leases.write(lease, spec(acquired));
    if (again.ok && again.value !== undefined) {
      lease = again.value;
      renewed = performance.now();
    } else if (again.ok) lose(`somebody else wrote the Lease ${namespace}/${name}`);
    // The cluster may be away for a moment. Nobody else has the lock until it has ended.
    else if (performance.now() - renewed > leaseSeconds * 1000 - renewal)
      lose(again.diagnostics.map(({ what }) => what).join("; "));
  };
  const timer = setInterval(() => {
    renewing = renewing.then(() => (lost.signal.aborted ? undefined : renew()));
  }, renewal);
  const release = async (): Promise<void> => {
    clearInterval(timer);
    await renewing;
    if (!lost.signal.aborted) await leases.write(lease, { spec: { leaseDurationSeconds: leaseSeconds } });
  };
  const there = await records.read();
  if (!there.ok) {
    await release();
    return there;
  }
  let record = there.value;
  return success({
    record: record?.data?.record ?? "",
    lost: lost.signal,
    async note(line) {
      const lines = [...(record?.data?.record ?? "").split("\n"), line.replaceAll("\n", " ")];
      const text = lines.slice(-keptLines).join("\n");
      const written = await records.write(record, { data: { record: text } });
      if (!written.ok) return written;
      if (written.value !== undefined) {
        record = written.value;
        return success(undefined);
      }
      const said = "somebody else wrote it meanwhile";
      return failure([refused(`update the ConfigMap ${namespace}/${name}`, { status: conflict, body: null, said })]);
    },
    release,
  });
}
