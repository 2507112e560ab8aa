import { catalog } from "../../diagnostics/catalog.ts";

type Said = { readonly said: string };

/** What can go wrong with asking etcd. `said`: each endpoint with what it said last. */
export const etcdFailure = catalog({
  "etcd-unreachable": {
    failure: "dependency",
    what: ({ seconds, said }: Said & { seconds: number }) => `etcd cannot be reached within ${seconds} s (${said})`,
    fix: () =>
      "check that etcd runs and that PLINTH_ETCD_ENDPOINTS has its client addresses; raise PLINTH_ETCD_TIMEOUT to wait longer, or set PLINTH_ETCD_OPTIONAL=true to start without it",
  },
  "etcd-unauthorized": {
    failure: "dependency",
    what: ({ said, user }: Said & { user: string | undefined }) =>
      user === undefined
        ? `etcd requires a user: unauthorized (${said})`
        : `etcd refuses the user ${user}: unauthorized (${said})`,
    fix: ({ user }: Said & { user: string | undefined }) =>
      user === undefined
        ? "set PLINTH_ETCD_USER and PLINTH_ETCD_PASSWORD_FILE"
        : "check PLINTH_ETCD_USER and its password; create a user with etcdctl user add",
  },
  "etcd-permission-missing": {
    failure: "dependency",
    what: ({ user, said }: Said & { user: string | undefined; prefix: string }) =>
      `${user === undefined ? "plinth without a user" : `the user ${user}`} may not read plinth's keys in etcd: unauthorized (${said})`,
    fix: ({ user, prefix }: Said & { user: string | undefined; prefix: string }) =>
      user === undefined
        ? "set PLINTH_ETCD_USER and PLINTH_ETCD_PASSWORD_FILE, or use a client certificate whose common name is a user with that permission"
        : `grant a role the permission and give the user that role: etcdctl role grant-permission ROLE read --prefix=true ${prefix}/`,
  },
  "etcd-certificate-refused": {
    failure: "dependency",
    what: ({ given, said }: Said & { given: boolean }) =>
      given
        ? `etcd refuses the client certificate: unauthorized (${said})`
        : `etcd requires a client certificate: unauthorized (${said})`,
    fix: ({ given }: Said & { given: boolean }) =>
      given
        ? "set PLINTH_ETCD_CERT to a certificate that is signed by etcd's --trusted-ca-file, is valid now and allows clientAuth"
        : "set PLINTH_ETCD_CERT and PLINTH_ETCD_KEY",
  },
  "etcd-untrusted": {
    failure: "dependency",
    what: ({ said }: Said & { authority: boolean }) => `cannot trust etcd's certificate (${said})`,
    fix: ({ authority }: Said & { authority: boolean }) =>
      authority
        ? "set PLINTH_ETCD_CA to the authority that signed etcd's certificate, and check that the certificate names the host of etcd's address"
        : "set PLINTH_ETCD_CA to the authority that signed etcd's certificate; the system's authorities are in /etc/ssl/certs/ca-certificates.crt",
  },
  "etcd-certificate-unusable": {
    failure: "configuration",
    what: ({ reason }: { reason: string }) => `cannot use the certificates for etcd: ${reason}`,
    fix: () =>
      "check PLINTH_ETCD_CA, PLINTH_ETCD_CERT and PLINTH_ETCD_KEY: the key must belong to the certificate and have no passphrase",
  },
});
