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

const openssl = (words: readonly string[], directory: string) =>
  execFileSync("openssl", words, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });

function authority(directory: string, name: string): Pair {
  const pair = { certificate: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) };
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    ["req", "-x509", ...curve, "-days", "2", "-subj", `/CN=${name}`, "-keyout", pair.key, "-out", pair.certificate],
    directory,
  );
  return pair;
}

/** @param uses of extendedKeyUsage. */
function signed(directory: string, name: string, by: Pair, subject: string, uses: string): Pair {
  const pair = { certificate: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) };
  const request = join(directory, `${name}.csr`);
  const extensions = join(directory, `${name}.ext`);
  writeFileSync(extensions, `subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=${uses}\n`);
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(["req", ...curve, "-subj", subject, "-keyout", pair.key, "-out", request], directory);
  openssl(
    ["x509", "-req", "-in", request, "-CA", by.certificate, "-CAkey", by.key, "-CAcreateserial", "-days", "2"].concat([
      "-extfile",
      extensions,
      "-out",
      pair.certificate,
    ]),
    directory,
  );
  return pair;
}

/**
 * Makes certificates for one test. The server's serves as a client's, too: etcd's JSON gateway is itself a client of
 * etcd, and shows the server's certificate (unless etcd 3.5's --client-cert-file names another).
 */
export function makeCertificates(directory: string, serverUses = "serverAuth,clientAuth"): Certificates {
  const own = authority(directory, "authority");
  const other = authority(directory, "stranger");
  return {
    authority: own.certificate,
    server: signed(directory, "server", own, "/O=etcd", serverUses),
    client: signed(directory, "client", own, "/O=plinth", "clientAuth"),
    named: signed(directory, "named", own, "/CN=reader", "clientAuth"),
    strangers: {
      authority: other.certificate,
      client: signed(directory, "stranger-client", other, "/O=plinth", "clientAuth"),
    },
  };
}
