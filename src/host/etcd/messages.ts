import { catalog } from "../../diagnostics/catalog.ts";

type Said = { readonly said: string };

/** What can go wrong with asking etcd. `said`: each endpoint with what it said last. */
export const etcdFailure = catalog({
  "etcd-unreachable": {
    failure: "dependency",
    what: ({ seconds, said }: Said & { seconds: number }) => `etcd is unreachable, tried for ${seconds} s (${said})`,
    fix: () =>
      "check that etcd runs and that PLINTH_ETCD_ENDPOINTS has its client addresses; PLINTH_ETCD_TIMEOUT gives it more time, PLINTH_ETCD_OPTIONAL=true starts without it",
  },
  "etcd-unauthorized": {
    failure: "dependency",
    what: ({ said, user }: Said & { user: string | undefined }) =>
      user === undefined
        ? `etcd wants a user: unauthorized (${said})`
        : `etcd refuses the user ${user}: unauthorized (${said})`,
    fix: ({ user }: Said & { user: string | undefined }) =>
      user === undefined
        ? "set PLINTH_ETCD_USER and PLINTH_ETCD_PASSWORD_FILE"
        : "check PLINTH_ETCD_USER and its password; etcdctl user add makes a user",
  },
  "etcd-permission-missing": {
    failure: "dependency",
    what: ({ user, said }: Said & { user: string | undefined; prefix: string }) =>
      `${user === undefined ? "without a user one" : `the user ${user}`} may not read plinth's keys in etcd: unauthorized (${said})`,
    fix: ({ user, prefix }: Said & { user: string | undefined; prefix: string }) =>
      user === undefined
        ? "set PLINTH_ETCD_USER and PLINTH_ETCD_PASSWORD_FILE, or use a client certificate whose common name is a user that may"
        : `etcdctl role grant-permission ROLE read --prefix=true ${prefix}/, and give the user that role`,
  },
  "etcd-certificate-refused": {
    failure: "dependency",
    what: ({ given, said }: Said & { given: boolean }) =>
      given
        ? `etcd refuses the client certificate: unauthorized (${said})`
        : `etcd wants a client certificate: unauthorized (${said})`,
    fix: ({ given }: Said & { given: boolean }) =>
      given
        ? "PLINTH_ETCD_CERT must be signed by what etcd trusts (--trusted-ca-file), valid now, and allow clientAuth"
        : "set PLINTH_ETCD_CERT and PLINTH_ETCD_KEY",
  },
  "etcd-untrusted": {
    failure: "dependency",
    what: ({ said }: Said & { authority: boolean }) => `etcd's certificate cannot be trusted (${said})`,
    fix: ({ authority }: Said & { authority: boolean }) =>
      authority
        ? "PLINTH_ETCD_CA must be the authority that signed etcd's certificate, which must name the host of its address"
        : "set PLINTH_ETCD_CA to the authority that signed etcd's certificate; the system's own are in /etc/ssl/certs/ca-certificates.crt",
  },
  "etcd-certificate-unusable": {
    failure: "configuration",
    what: ({ reason }: { reason: string }) => `the certificates for etcd cannot be used: ${reason}`,
    fix: () =>
      "check PLINTH_ETCD_CA, PLINTH_ETCD_CERT and PLINTH_ETCD_KEY: the key must be the certificate's own, without a passphrase",
  },
});
