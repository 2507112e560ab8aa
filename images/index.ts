import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { useless } from "./mirror.ts";

/** Where this machine's own pip and uv fetch Python packages from, and the file with the certificates that they trust it by. */
export type PackageIndex = { readonly address?: string; readonly ca?: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** The files that pip reads, a later one over an earlier (https://pip.pypa.io/en/stable/topics/configuration). */
const configurations = (environment: Environment): readonly string[] => [
  "/etc/pip.conf",
  join(homedir(), ".pip/pip.conf"),
  join(environment["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "pip/pip.conf"),
  ...(environment["PIP_CONFIG_FILE"] ? [environment["PIP_CONFIG_FILE"]] : []),
];

/** @returns what pip's configuration says of a name in the section for all its commands, or that for installing. */
function settingIn(text: string, name: string): string | undefined {
  let section = "";
  let found: string | undefined;
  for (const line of text.split("\n")) {
    section = /^\[(\w+)\]/.exec(line)?.[1] ?? section;
    const [, key, value] = /^([\w-]+)\s*[=:]\s*(\S+)\s*$/.exec(line) ?? [];
    if (key?.replaceAll("_", "-") === name && (section === "global" || section === "install")) found = value;
  }
  return found;
}

/**
 * @param texts of pip's configuration files, a later one over an earlier.
 * @returns the index that variables or files name; PyPI itself needs no address.
 */
export function packageIndex(environment: Environment, texts: readonly string[]): PackageIndex {
  const fromFiles = (name: string): string | undefined => texts.map((text) => settingIn(text, name)).findLast(Boolean);
  const first = (...values: readonly (string | undefined)[]): string | undefined => values.find(Boolean);
  const { UV_DEFAULT_INDEX, UV_INDEX_URL, PIP_INDEX_URL, PIP_CERT, SSL_CERT_FILE } = environment;
  const address = first(UV_DEFAULT_INDEX, UV_INDEX_URL, PIP_INDEX_URL, fromFiles("index-url"));
  const ca = first(PIP_CERT, fromFiles("cert"), SSL_CERT_FILE);
  return { ...(address && !useless.test(address) ? { address } : {}), ...(ca ? { ca } : {}) };
}

/** @returns the index that this machine's own pip is set up with. */
export function machineIndex(environment: Environment = process.env): PackageIndex {
  const texts = configurations(environment)
    .filter(existsSync)
    .map((path) => readFileSync(path, "utf8"));
  const { ca, ...index } = packageIndex(environment, texts);
  return { ...index, ...(ca && existsSync(ca) ? { ca } : {}) };
}

/** Files that a build may read and that get into no image, by the names it asks for them. */
export type Secrets = Readonly<Record<string, string>>;

/** Has the index in files of this user's alone while `build` runs: an address may hold a password. */
export async function withSecrets<T>(
  { address, ca }: PackageIndex,
  build: (secrets: Secrets) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "plinth-index-"));
  try {
    const index = join(directory, "index");
    if (address) writeFileSync(index, `${address}\n`, { mode: 0o600 });
    return await build({ ...(address ? { index } : {}), ...(ca ? { ca } : {}) });
  } finally {
    rmSync(directory, { recursive: true });
  }
}
