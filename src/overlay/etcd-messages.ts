import { catalog } from "../diagnostics/catalog.ts";

/** What can be wrong with the PLINTH_ETCD_* variables. None shows a password, nor an address that may hold one. */
export const etcdMessage = catalog({
  "etcd-endpoint-malformed": {
    failure: "configuration",
    what: ({ endpoint }: { endpoint: string }) =>
      `PLINTH_ETCD_ENDPOINTS has what is not an address of etcd: ${endpoint}`,
    fix: ({ endpoint }: { endpoint: string }) =>
      /^[^/[]*:[^/]*:/.test(endpoint.replace(/^https?:\/\//i, ""))
        ? "an IPv6 address stands in brackets: write http://[fd00::1]:2379"
        : "write http://host:port or https://host:port, several separated by commas (host:port alone means http)",
  },
  "etcd-endpoint-login": {
    failure: "configuration",
    what: ({ position }: { position: number }) => `address ${position} in PLINTH_ETCD_ENDPOINTS has a user or password`,
    fix: () =>
      "remove it, because addresses are logged, and use PLINTH_ETCD_USER, and PLINTH_ETCD_PASSWORD or PLINTH_ETCD_PASSWORD_FILE",
  },
  "etcd-endpoints-mixed": {
    failure: "configuration",
    what: () => "some addresses in PLINTH_ETCD_ENDPOINTS are http and some https",
    fix: () => "use https for all of them: others can read what is sent over http",
  },
  "etcd-prefix-malformed": {
    failure: "configuration",
    what: () => "PLINTH_ETCD_PREFIX has white space or control characters",
    fix: () => "write a path, such as /plinth: keys are then /plinth/all/NAME and /plinth/IMAGE/NAME",
  },
  "etcd-password-twice": {
    failure: "configuration",
    what: () => "PLINTH_ETCD_PASSWORD and PLINTH_ETCD_PASSWORD_FILE are both set",
    fix: () => "set only one of them",
  },
  "etcd-login-incomplete": {
    failure: "configuration",
    what: ({ given, missing }: { given: string; missing: string }) => `${given} is set, but ${missing} is not`,
    fix: ({ given, missing }: { given: string; missing: string }) => `set ${missing} too, or unset ${given}`,
  },
  "etcd-certificate-unused": {
    failure: "configuration",
    what: ({ name }: { name: string }) => `${name} is set, but the addresses in PLINTH_ETCD_ENDPOINTS are http`,
    fix: ({ name }: { name: string }) => `use https addresses, or unset ${name}`,
  },
  "etcd-certificate-malformed": {
    failure: "configuration",
    what: ({ path, block }: { path: string; block: string }) => `no ${block} in PEM form in ${path}`,
    fix: ({ block }: { path: string; block: string }) => `give a file with a block -----BEGIN ${block}-----`,
  },
  "etcd-optional-malformed": {
    failure: "configuration",
    what: ({ value }: { value: string }) => `not a yes or no: ${value}`,
    fix: () => "write true or false",
  },
  "etcd-timeout-malformed": {
    failure: "configuration",
    what: ({ value }: { value: string; meant: number | undefined }) => `not a number of seconds: ${value}`,
    fix: ({ meant }: { value: string; meant: number | undefined }) =>
      `write seconds above 0 and up to 86400, like ${meant ?? "30 or 2.5"}`,
  },
  "etcd-endpoints-missing": {
    failure: "configuration",
    severity: "warning",
    what: ({ given }: { given: string }) =>
      `${given} is set, but PLINTH_ETCD_ENDPOINTS is not: plinth does not read etcd`,
    fix: ({ given }: { given: string }) => `set PLINTH_ETCD_ENDPOINTS, or unset ${given}`,
  },
});
