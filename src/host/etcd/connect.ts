import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { EtcdSettings } from "../../overlay/etcd-settings.ts";
import { connect } from "../network/connect.ts";
import { faultOfError } from "./faults.ts";
import { type Connect, overSocket } from "./http.ts";
import { etcdFailure } from "./messages.ts";

const connectPlainly: Connect = (endpoint) =>
  overSocket((signal, progress) => connect(endpoint, signal, progress), endpoint);

/** @returns how to connect to the endpoints, or why the certificates cannot be used. */
export async function connectorFor({ endpoints, tls }: EtcdSettings): Promise<Result<Connect>> {
  if (!endpoints.some((endpoint) => endpoint.secure)) return success(connectPlainly);
  const { connectSecurely } = await import("./tls.ts");
  try {
    return success(connectSecurely(tls));
  } catch (error) {
    return failure([etcdFailure("etcd-certificate-unusable", { reason: faultOfError(error as Error).reason })]);
  }
}
