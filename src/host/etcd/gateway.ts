import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import { etcdDirectories } from "../../overlay/etcd-keys.ts";
import type { EtcdEndpoint, EtcdSettings, EtcdState } from "../../overlay/etcd-settings.ts";
import { now } from "../clock.ts";
import { connectorFor } from "./connect.ts";
import { askUntil, type EndpointRequest, type Limits } from "./endpoints.ts";
import { type EtcdResult, failureOf } from "./faults.ts";
import { type Read, readOverJson } from "./json.ts";

/** A reading, and who gave it. */
export type Reading = Read & { readonly endpoint: EtcdEndpoint };

/**
 * Reads all that concerns an image, waiting until etcd is there: through its JSON gateway, and where that one cannot
 * serve us, over gRPC. That is so
 * - when it is switched off (--enable-grpc-gateway=false);
 * - with authentication on, for a client certificate that has a common name: etcd 3.4 answers with status 400, because the
 *   name would not be taken as the user, as it is over gRPC;
 * - with client certificates asked for, when etcd's own certificate is for servers only: see `faultOfAnswer`.
 *
 * @returns the reading, or one diagnostic that says what each endpoint said last. A signal ends it like the deadline.
 */
export async function read(settings: EtcdSettings, image: string, limits: Limits): Promise<Result<Reading>> {
  const since = limits.since ?? now();
  const connect = await connectorFor(settings);
  if (!connect.ok) return connect;
  const directories = etcdDirectories(settings.prefix, image);
  const begin = (endpoint: EtcdEndpoint): EndpointRequest<Read> => {
    const connection = connect.value(endpoint);
    let cancel = connection.close;
    let cancelled = false;
    const ask = async (): Promise<EtcdResult<Read>> => {
      const first = await readOverJson(connection, endpoint, settings, directories);
      if (first.ok || cancelled || first.fault.because !== "gateway") return first;
      const { readOverGrpc } = await import("./grpc.ts");
      if (cancelled) return first;
      const second = readOverGrpc(endpoint, settings, directories);
      cancel = second.cancel;
      const outcome = await second.outcome;
      if (outcome.ok) return outcome;
      const reason = `${first.fault.reason}; over gRPC: ${outcome.fault.reason}`;
      return { ok: false, fault: { ...outcome.fault, reason } };
    };
    return {
      named: connection.named,
      soFar: () => {
        const reason = connection.soFar();
        return reason === undefined ? undefined : { state: "unnamed", because: "unreachable", reason };
      },
      connected: connection.ready.catch(() => {}),
      outcome: ask(),
      cancel: () => {
        cancelled = true;
        cancel();
      },
    };
  };
  const reached = await askUntil(settings.endpoints, begin, limits);
  if (reached.ok) return success({ ...reached.value, endpoint: reached.endpoint });
  return failure([failureOf(reached.faults, settings, now() - since)]);
}

/** The one read of a start; see {@link read}. */
export async function readOnce(settings: EtcdSettings, image: string, limits: Limits): Promise<Result<EtcdState>> {
  const reading = await read(settings, image, limits);
  return reading.ok ? success({ entries: reading.value.entries, revision: reading.value.revision }) : reading;
}

/** Milliseconds that the names of keys may take: they are for advice only. */
const adviceMs = 5000;

/** @returns the names of all keys below the prefix, other images' too; none where etcd does not let us see them. */
export async function keyNames(settings: EtcdSettings): Promise<readonly string[]> {
  const connect = await connectorFor(settings);
  const [endpoint] = settings.endpoints;
  if (!connect.ok || endpoint === undefined) return [];
  const connection = connect.value(endpoint);
  const timer = setTimeout(connection.close, adviceMs);
  const asked = await readOverJson(connection, endpoint, settings, [`${settings.prefix}/`], true);
  clearTimeout(timer);
  return asked.ok ? asked.value.entries.map(({ key }) => key) : [];
}
