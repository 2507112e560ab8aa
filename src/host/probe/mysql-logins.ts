import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * What the service's own driver can do, by the server's name for a way to log in: PyMySQL's `_process_auth`, alike from 1.0
 * (bookworm) to 1.4 (trixie, forky), and the Python module that it needs for it. All others it does not speak: `dialog` (PAM),
 * `auth_gssapi_client`, `parsec`, `mysql_old_password`.
 */
const ofDriver: Readonly<Record<string, { readonly module?: string; readonly debianPackage?: string }>> = {
  mysql_native_password: {},
  mysql_clear_password: {},
  caching_sha2_password: { module: "cryptography", debianPackage: "python3-cryptography" },
  sha256_password: { module: "cryptography", debianPackage: "python3-cryptography" },
  client_ed25519: { module: "nacl", debianPackage: "python3-nacl" },
};

/** Where Python 3 and a virtual environment of images have their modules. */
const homes = ["/usr/lib", "/usr/local/lib", "/var/lib/openstack/lib", "/opt/venv/lib"];
const directories = ["dist-packages", "site-packages"];

const list = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
};

/** @returns the names of all modules of Python 3 in this container. */
function modules(root: string): ReadonlySet<string> {
  const found = homes.flatMap((home) =>
    list(join(root, home))
      .filter((name) => name.startsWith("python3"))
      .flatMap((python) => directories.flatMap((directory) => list(join(root, home, python, directory)))),
  );
  return new Set(found);
}

/** What is to be done about an account that the service's driver cannot use. */
export const useOtherPlugin =
  "give the account another plugin (ALTER USER ... IDENTIFIED VIA mysql_native_password USING PASSWORD('...'))";

/** Why a service cannot log in as plinth did. */
export type DriverProblem = { readonly reason: string; readonly fix: string };

/**
 * @param way the server's name of the way to log in. @param root of the file system.
 * @returns why the service's driver cannot go that way; undefined where it can, or no such driver is in this image.
 */
export function driverProblem(way: string, root = "/"): DriverProblem | undefined {
  const known = ofDriver[way];
  if (known && !known.module) return undefined;
  const there = modules(root);
  if (!there.has("pymysql") || (known?.module && there.has(known.module))) return undefined;
  return known
    ? {
        reason: `the account logs in by ${way}, for which the service's driver PyMySQL needs the Python module ${known.module}, and this image has none`,
        fix: `add ${known.debianPackage} to the image's packages, or ${useOtherPlugin}`,
      }
    : { reason: `the service's driver PyMySQL cannot log in by ${way}`, fix: useOtherPlugin };
}
