import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate with its key, as paths. */
export type Pair = { readonly certificate: string; readonly key: string };

/** Paths of PEM files: an authority, what it signed, and what a stranger signed. */
export type Certificates = {
  readonly authority: string;
  readonly server: Pair;
  /** Without a common name: the only kind that the gateway takes while authentication is on. */
  readonly client: Pair;
  /** Its common name is a user's, `reader`. */
  readonly named: Pair;
  /** Another authority, and a client certificate that it signed. */
  readonly strangers: { readonly authority: string; readonly client: Pair };
};

const openssl = (words: readonly string[], folder: string) =>
  execFileSync("openssl", words, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });

function authority(folder: string, name: string): Pair {
  const pair = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    ["req", "-x509", ...curve, "-days", "2", "-subj", `/CN=${name}`, "-keyout", pair.key, "-out", pair.certificate],
    folder,
  );
  return pair;
}

/** @param uses of extendedKeyUsage. */
function signed(folder: string, name: string, by: Pair, subject: string, uses: string): Pair {
  const pair = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  const request = join(folder, `${name}.csr`);
  const extensions = join(folder, `${name}.ext`);
  writeFileSync(extensions, `subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=${uses}\n`);
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(["req", ...curve, "-subj", subject, "-keyout", pair.key, "-out", request], folder);
  openssl(
    ["x509", "-req", "-in", request, "-CA", by.certificate, "-CAkey", by.key, "-CAcreateserial", "-days", "2"].concat([
      "-extfile",
      extensions,
      "-out",
      pair.certificate,
    ]),
    folder,
  );
  return pair;
}

/**
 * Makes certificates for one test. The server's serves as a client's, too: etcd's JSON gateway is itself a client of
 * etcd, and shows the server's certificate (unless etcd 3.5's --client-cert-file names another).
 */
export function makeCertificates(folder: string, serverUses = "serverAuth,clientAuth"): Certificates {
  const own = authority(folder, "authority");
  const other = authority(folder, "stranger");
  return {
    authority: own.certificate,
    server: signed(folder, "server", own, "/O=etcd", serverUses),
    client: signed(folder, "client", own, "/O=plinth", "clientAuth"),
    named: signed(folder, "named", own, "/CN=reader", "clientAuth"),
    strangers: {
      authority: other.certificate,
      client: signed(folder, "stranger-client", other, "/O=plinth", "clientAuth"),
    },
  };
}
