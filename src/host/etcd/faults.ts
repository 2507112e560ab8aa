import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { EtcdSettings } from "../../overlay/etcd-settings.ts";
import type { State } from "../../wait/probe.ts";
import { Unreached } from "../network/unreached.ts";
import type { Answer } from "./http.ts";
import { etcdFailure } from "./messages.ts";

/** Why a request to one endpoint came to nothing. `reason` never holds a secret. */
export type Fault = {
  readonly state: Exclude<State, "ready">;
  readonly because:
    | "unreachable"
    | "login-wrong"
    | "login-missing"
    | "permission-missing"
    | "client-certificate"
    | "server-certificate"
    /** It may well serve us, only not through its JSON gateway. */
    | "gateway";
  readonly reason: string;
};

export type EtcdResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

type SystemError = Error & { readonly code?: string; readonly reason?: string };

/** What the other side's TLS says when it does not like our certificate, or that we show none. */
const clientCertificateRefused = /ALERT.*(?:CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/;
/** What our own TLS says of theirs (the X509_V_ERR_ codes of OpenSSL as Node names them). */
const serverCertificateRefused =
  /^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|INVALID_(?:CA|PURPOSE)|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)/;

/** What a connection ends with when one side speaks TLS and the other does not. */
const closedWithoutAnswer = /^the connection was closed|^Client network socket disconnected|ECONNRESET/;

/**
 * @param secure the endpoint was asked over https.
 * @returns the fault behind an error of the system or of TLS.
 */
export function faultOfError(error: SystemError, secure?: boolean): Fault {
  if (error instanceof Unreached) {
    const { state, reason } = error.outcome;
    return { state, because: "unreachable", reason };
  }
  const code = error.code ?? "";
  const words =
    (error.reason && code.startsWith("ERR_SSL") ? error.reason : error.message).split(/[\n;]/, 1)[0] ?? code;
  const doubt =
    secure === undefined || !closedWithoutAnswer.test(words) ? "" : ` (does it speak ${secure ? "http" : "https"}?)`;
  const reason = words + doubt;
  if (clientCertificateRefused.test(code)) {
    return { state: "refused", because: "client-certificate", reason: `it does not accept our certificate: ${reason}` };
  }
  if (serverCertificateRefused.test(code)) return { state: "refused", because: "server-certificate", reason };
  return { state: "unready", because: "unreachable", reason };
}

/** gRPC's status codes, as the gateway passes them on. */
const grpc = { permissionDenied: 7, unimplemented: 12, unavailable: 14, unauthenticated: 16 };

/**
 * @param code gRPC's status, 0 when there is none.
 * @param message etcd's own words (api/v3rpc/rpctypes/error.go); alike from 3.4 to 3.6.
 */
export function faultOfStatus(code: number, message: string): Fault {
  const refused = (because: Fault["because"]): Fault => ({ state: "refused", because, reason: message });
  if (message.includes("authentication failed")) return refused("login-wrong");
  if (message.includes("user name is empty")) return refused("login-missing");
  if (message.includes("CommonName of client")) return refused("gateway");
  if (code === grpc.permissionDenied) return refused("permission-missing");
  // A token that has just been given out is not known yet, or no more: the next try asks for a new one.
  if (code === grpc.unauthenticated) return { state: "unready", because: "login-wrong", reason: message };
  if (code === grpc.unimplemented) return refused("gateway");
  return { state: "unready", because: "unreachable", reason: message };
}

/**
 * @param secure it was asked over https. The gateway then is itself a client over TLS, that shows etcd the server's own
 * certificate: where that one is for serverAuth only, and etcd asks for client certificates, the gateway never gets
 * through, and says UNAVAILABLE in gRPC's words instead of etcd's.
 * @returns the fault in an answer of the gateway whose status is not 200.
 */
export function faultOfAnswer({ status, body }: Answer, secure: boolean): Fault {
  if (status === 404) {
    return { state: "unready", because: "gateway", reason: "it has no JSON gateway (HTTP status 404)" };
  }
  try {
    // 3.4 and 3.5 say it in `error`, too; 3.6 only in `message`.
    const { code, message, error } = JSON.parse(body) as { code?: number; message?: string; error?: string };
    const words = message ?? error ?? `HTTP status ${status}`;
    if (secure && code === grpc.unavailable && !words.startsWith("etcdserver:")) {
      return { state: "unready", because: "gateway", reason: `its JSON gateway does not get through: ${words}` };
    }
    return faultOfStatus(code ?? 0, words);
  } catch {
    const line = body.trim().split("\n", 1)[0]?.slice(0, 200);
    return faultOfStatus(0, line ? `HTTP status ${status}: ${line}` : `HTTP status ${status}`);
  }
}

/** Of several endpoints' faults the one that tells most comes first; where they only are not there, any will do. */
const telling: readonly Fault["because"][] = [
  "permission-missing",
  "login-wrong",
  "login-missing",
  "client-certificate",
  "server-certificate",
];

/** @returns one diagnostic for what the endpoints said last. */
export function failureOf(faults: ReadonlyMap<string, Fault>, settings: EtcdSettings, waitedMs: number): Diagnostic {
  const because = telling.find((cause) => [...faults.values()].some((fault) => fault.because === cause));
  const lines = [...faults].map(([url, fault]) => `${url}: ${fault.reason}`);
  const said = lines.length > 0 ? lines.join("; ") : "not asked";
  const place = { kind: "named", name: "PLINTH_ETCD_ENDPOINTS" } as const;
  const seconds = Math.round(waitedMs / 100) / 10;
  const { login, prefix } = settings;
  switch (because) {
    case undefined:
      return etcdFailure("etcd-unreachable", { seconds, said }, place);
    case "server-certificate":
      return etcdFailure("etcd-untrusted", { said, authority: settings.tls.authority !== undefined }, place);
    case "client-certificate":
      return etcdFailure("etcd-certificate-refused", { said, given: settings.tls.certificate !== undefined }, place);
    case "permission-missing":
      return etcdFailure("etcd-permission-missing", { said, user: login?.user, prefix }, place);
    default:
      return etcdFailure("etcd-unauthorized", { said, user: login?.user }, place);
  }
}
