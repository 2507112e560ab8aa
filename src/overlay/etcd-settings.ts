import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { etcdMessage } from "./etcd-messages.ts";
import { withoutLastNewline } from "./secret-file.ts";
import { type Environment, inSeconds, namesFrom, own, type VariableName } from "./variables.ts";

/** One member's client address. `url` is as it may be shown: scheme, host and port, nothing else. */
export type EtcdEndpoint = {
  readonly url: string;
  readonly secure: boolean;
  /** An IPv6 address stands without its brackets. */
  readonly host: string;
  readonly port: number;
};

/** How to reach etcd. Holds secrets: the password, and the private key. */
export type EtcdSettings = {
  /** At least one; all http or all https. */
  readonly endpoints: readonly EtcdEndpoint[];
  /** Without a slash at its end: `/plinth`. Empty: the keys are `/all/NAME`. */
  readonly prefix: string;
  readonly login?: { readonly user: string; readonly password: string };
  /** PEM texts. `certificate` may hold a chain, and comes with its key. */
  readonly tls: { readonly authority?: string; readonly certificate?: string; readonly key?: string };
  /** A start goes on without etcd when it cannot be read in time. */
  readonly optional: boolean;
  /** Milliseconds that one reading may take, waiting for etcd to come up included. */
  readonly timeoutMs: number;
};

/** One key as it stands in etcd. Its value may be a secret. */
export type EtcdEntry = { readonly key: string; readonly value: string };

/** All that concerns an image, as it was at one revision of etcd. */
export type EtcdState = { readonly entries: readonly EtcdEntry[]; readonly revision: number };

/** Reads a text file; `use` is what to do when it cannot be read, `variable` the one that names it. */
export type ReadFile = (path: string, use: string, variable: string) => Result<string>;

const known = namesFrom("PLINTH_ETCD_");

type Given = (name: VariableName) => string | undefined;
type Report = (diagnostic: Diagnostic) => void;

const defaultPrefix = "/plinth";
const defaultTimeout = 30;
const etcdPort = 2379;
const longestTimeout = 86_400;

const named = (name: string) => ({ kind: "named", name }) as const;

const endpointForm = /^(?:(https?):\/\/)?(\[[0-9a-f:.]+\]|[^\s/:@?#[\]]+)(?::(\d{1,5}))?\/?$/i;

function endpointsOf(text: string, report: Report): EtcdEndpoint[] {
  const place = named("PLINTH_ETCD_ENDPOINTS");
  const endpoints = new Map<string, EtcdEndpoint>();
  const pieces = text.split(",").map((piece) => piece.trim());
  for (const [index, piece] of pieces.entries()) {
    if (piece === "") continue;
    const [, scheme = "http", host = "", digits = String(etcdPort)] = endpointForm.exec(piece) ?? [];
    const port = Number(digits);
    // A password may hold a comma, so that an "@" anywhere means that no piece may be shown.
    if (text.includes("@")) {
      if (piece.includes("@")) report(etcdMessage("etcd-endpoint-login", { position: index + 1 }, place));
    } else if (host === "" || port < 1 || port > 65_535) {
      report(etcdMessage("etcd-endpoint-malformed", { endpoint: piece }, place));
    } else {
      const secure = scheme.toLowerCase() === "https";
      const url = `${secure ? "https" : "http"}://${host}:${port}`;
      endpoints.set(url, { url, secure, host: host.replace(/^\[|\]$/g, ""), port });
    }
  }
  const all = [...endpoints.values()];
  if (all.some((endpoint) => endpoint.secure) && all.some((endpoint) => !endpoint.secure)) {
    report(etcdMessage("etcd-endpoints-mixed", {}, place));
  }
  return all;
}

function loginOf(given: Given, readFile: ReadFile, report: Report): EtcdSettings["login"] {
  const user = given("PLINTH_ETCD_USER");
  const path = given("PLINTH_ETCD_PASSWORD_FILE");
  let password = given("PLINTH_ETCD_PASSWORD");
  const passwordName = path === undefined ? "PLINTH_ETCD_PASSWORD" : "PLINTH_ETCD_PASSWORD_FILE";
  if (password !== undefined && path !== undefined) {
    report(etcdMessage("etcd-password-twice", {}, named("PLINTH_ETCD_PASSWORD")));
  } else if (path !== undefined) {
    const use = "check PLINTH_ETCD_PASSWORD_FILE: it names the file that holds the password for etcd";
    const file = readFile(path, use, "PLINTH_ETCD_PASSWORD_FILE");
    if (file.ok) password = withoutLastNewline(file.value);
    else file.diagnostics.forEach(report);
  }
  const passwordGiven = password !== undefined || path !== undefined;
  if (user !== undefined && !passwordGiven) {
    const missing = "PLINTH_ETCD_PASSWORD or PLINTH_ETCD_PASSWORD_FILE";
    report(etcdMessage("etcd-login-incomplete", { given: "PLINTH_ETCD_USER", missing }, named("PLINTH_ETCD_USER")));
  }
  if (user === undefined && passwordGiven) {
    const missing = "PLINTH_ETCD_USER";
    report(etcdMessage("etcd-login-incomplete", { given: passwordName, missing }, named(passwordName)));
  }
  return user !== undefined && password !== undefined ? { user, password } : undefined;
}

const pemFiles = [
  ["PLINTH_ETCD_CA", "authority", "CERTIFICATE", "the certificates that etcd's own is to be checked against"],
  ["PLINTH_ETCD_CERT", "certificate", "CERTIFICATE", "the client certificate to show etcd"],
  ["PLINTH_ETCD_KEY", "key", "PRIVATE KEY", "the private key of the client certificate"],
] as const;

function tlsOf(given: Given, secure: boolean, readFile: ReadFile, report: Report): EtcdSettings["tls"] {
  const tls: { authority?: string; certificate?: string; key?: string } = {};
  for (const [name, part, block, meaning] of pemFiles) {
    const path = given(name);
    if (path === undefined) continue;
    if (!secure) report(etcdMessage("etcd-certificate-unused", { name }, named(name)));
    const file = readFile(path, `check ${name}: it names the file that holds ${meaning}`, name);
    if (!file.ok) file.diagnostics.forEach(report);
    // "RSA PRIVATE KEY" and "EC PRIVATE KEY" are the older forms of the same.
    else if (!new RegExp(`-----BEGIN (?:[A-Z]+ )?${block}-----`).test(file.value)) {
      report(etcdMessage("etcd-certificate-malformed", { path, block }, named(name)));
    } else tls[part] = file.value;
  }
  const pair = ["PLINTH_ETCD_CERT", "PLINTH_ETCD_KEY"] as const;
  const [there, missing] = given(pair[0]) === undefined ? [pair[1], pair[0]] : pair;
  if (given(there) !== undefined && given(missing) === undefined) {
    report(etcdMessage("etcd-login-incomplete", { given: there, missing }, named(there)));
  }
  return tls;
}

function optionalOf(text: string | undefined, report: Report): boolean {
  if (text === undefined || /^(?:false|no|off|0)$/i.test(text)) return false;
  if (!/^(?:true|yes|on|1)$/i.test(text)) {
    report(etcdMessage("etcd-optional-malformed", { value: text }, named("PLINTH_ETCD_OPTIONAL")));
  }
  return true;
}

function timeoutOf(text: string | undefined, report: Report): number {
  if (text === undefined) return defaultTimeout;
  const seconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : 0;
  if (seconds <= 0 || seconds > longestTimeout) {
    report(
      etcdMessage("etcd-timeout-malformed", { value: text, meant: inSeconds(text) }, named("PLINTH_ETCD_TIMEOUT")),
    );
  }
  return seconds;
}

/**
 * Reads the PLINTH_ETCD_* variables; one that is set but empty counts as not set, as compose files leave it.
 *
 * @returns undefined when etcd is not wanted (no PLINTH_ETCD_ENDPOINTS), or every mistake at once.
 */
export function etcdSettings(environment: Environment, readFile: ReadFile): Result<EtcdSettings | undefined> {
  const given: Given = (name) => own(environment, name);
  const found: Diagnostic[] = [];
  const report: Report = (diagnostic) => void found.push(diagnostic);

  const addresses = given("PLINTH_ETCD_ENDPOINTS");
  if (addresses === undefined) {
    const first = known.find((name) => given(name) !== undefined);
    if (first !== undefined) report(etcdMessage("etcd-endpoints-missing", { given: first }, named(first)));
    return success(undefined, found);
  }
  const endpoints = endpointsOf(addresses, report);
  if (addresses.replaceAll(",", "").trim() === "") {
    report(etcdMessage("etcd-endpoint-malformed", { endpoint: addresses }, named("PLINTH_ETCD_ENDPOINTS")));
  }
  const prefix = given("PLINTH_ETCD_PREFIX") ?? defaultPrefix;
  if (/[\s\x00-\x1f\x7f]/.test(prefix)) report(etcdMessage("etcd-prefix-malformed", {}, named("PLINTH_ETCD_PREFIX")));

  const login = loginOf(given, readFile, report);
  const secure = endpoints.length === 0 || endpoints.some((endpoint) => endpoint.secure);
  const settings: EtcdSettings = {
    endpoints,
    prefix: prefix.replace(/\/+$/, ""),
    ...(login ? { login } : {}),
    tls: tlsOf(given, secure, readFile, report),
    optional: optionalOf(given("PLINTH_ETCD_OPTIONAL"), report),
    timeoutMs: 1000 * timeoutOf(given("PLINTH_ETCD_TIMEOUT"), report),
  };
  return found.some((diagnostic) => diagnostic.severity === "error") ? failure(found) : success(settings, found);
}
