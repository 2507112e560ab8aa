import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { ReportRow } from "../images/workshop.ts";
import { type Ran, requireEngine, type Scope, type Wanted } from "./docker.ts";

type Built = { readonly image: string; readonly size_bytes: number | null; readonly build_s: number };

/** `images`, and `sources` of scripts/bench/images.ts. */
const imagesFile = "build/bench/images.json";
type Noted = { readonly images?: readonly Built[] };
const readNoted = (): Noted => (existsSync(imagesFile) ? (JSON.parse(readFileSync(imagesFile, "utf8")) as Noted) : {});

/** Sizes, and what building took when it was last done: an image that did not change keeps its time. */
function noteBuilt(release: string): void {
  const { images } = JSON.parse(readFileSync(`build/images/${release}.json`, "utf8")) as {
    readonly images: readonly Pick<ReportRow, "image" | "bytes" | "result" | "seconds">[];
  };
  const noted = new Map(builtImages().map((row) => [row.image, row]));
  for (const { image, bytes, result, seconds } of images) {
    const before = noted.get(image)?.build_s ?? seconds;
    noted.set(image, { image, size_bytes: bytes, build_s: result === "built" ? seconds : before });
  }
  mkdirSync("build/bench", { recursive: true });
  // Whole or not at all: another file may read it.
  const own = `${imagesFile}.${process.pid}`;
  writeFileSync(own, `${JSON.stringify({ ...readNoted(), images: [...noted.values()] }, undefined, 1)}\n`);
  renameSync(own, imagesFile);
}

/** What is known of images that were built here, for build/bench/stack.json. */
export const builtImages = (): readonly Built[] => readNoted().images ?? [];

/** Builds what is not built yet (layers are cached), and says how long that took. */
export function buildImages(release: string, names: readonly string[], model?: string): void {
  const deploy = process.env["DEPLOY_NAME"];
  const words = [
    ...["images/build.ts", "--release", release, ...(deploy ? ["--deploy-name", deploy] : [])],
    ...(model ? ["--model", model] : []),
    ...names.flatMap((name) => ["--image", name]),
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  process.stderr.write(stdout);
  if (status !== 0) throw new Error(`images/build.ts ended with ${status}:\n${stderr}`);
  noteBuilt(release);
}

/** What a container has that is locked down as far as Docker can. */
export const locked = [
  "--read-only",
  "--tmpfs",
  "/run",
  "--tmpfs",
  "/tmp",
  "--cap-drop",
  "ALL",
  "--security-opt",
  "no-new-privileges",
];
export const asKeystone = ["--user", "42425:42425"];

/** Every sign that a URL, a shell, an INI file or SQL could trip over. PyMySQL sends passwords as Latin-1: ASCII only. */
const awkward = "a@b/c:d%e$f #;'\"\\";

export type KeystoneStack = Scope & {
  readonly secrets: { readonly database: string; readonly admin: string };
  /** keystone's surroundings: network, key repositories, dynamic parameters. */
  readonly keystone: (
    flags: readonly string[],
    words: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Wanted;
  /** The real client, as the administrator. */
  readonly openstack: (...words: string[]) => Promise<Ran>;
  readonly startServers: () => Promise<void>;
};

/** MariaDB, memcached, volumes for keys: all that a keystone stands on, with new passwords. */
export async function keystoneStack(scope: Scope, release: string): Promise<KeystoneStack> {
  await requireEngine();
  const deploy = process.env["DEPLOY_NAME"] || "plinth";
  const image = (name: string): string => `${deploy}/${name}:${release}`;
  buildImages(release, ["keystone-server", "openstack-client", "mysql-server", "memcached-server"]);

  const network = await scope.network();
  const volumes = { fernet: await scope.volume("fernet"), credential: await scope.volume("credential") };
  const reachableAs = (alias: string): readonly string[] => ["--network", network, "--network-alias", alias];
  const secrets = {
    database: `${randomBytes(6).toString("hex")}${awkward}`,
    admin: `${randomBytes(6).toString("hex")}${awkward}`,
  };
  // The other services' databases are made, too.
  const others = ["GLANCE", "PLACEMENT", "NOVA", "NEUTRON", "CINDER", "HEAT"];
  const password = (component: string): string => `SERVICE_DATABASE_${component}_PASSWORD`;
  const databases = {
    ...Object.fromEntries(others.map((component) => [password(component), randomBytes(6).toString("hex")])),
    [password("KEYSTONE")]: secrets.database,
  };

  return {
    ...scope,
    secrets,
    startServers: async () => {
      await scope.start("memcached", {
        image: image("memcached-server"),
        words: ["server"],
        flags: [...reachableAs("memcached"), ...locked, "--user", "42457:42457"],
      });
      await scope.start("mariadb", {
        image: image("mysql-server"),
        words: ["server"],
        flags: [...reachableAs("mariadb"), ...locked, "--user", "42434:42434"],
        env: databases,
      });
    },
    keystone: (flags, words, env = {}) => ({
      image: image("keystone-server"),
      flags: [
        ...["--network", network],
        ...["--volume", `${volumes.fernet}:/var/lib/keystone/fernet-keys`],
        ...["--volume", `${volumes.credential}:/var/lib/keystone/credential-keys`],
        ...flags,
      ],
      env: {
        SERVICE_DATABASE_HOST: "mariadb",
        SERVICE_DATABASE_PASSWORD: secrets.database,
        SERVICE_MEMCACHED_HOST: "memcached",
        SERVICE_IDENTITY_HOST: "keystone",
        SERVICE_IDENTITY_PUBLIC_HOST: "keystone",
        SERVICE_IDENTITY_ADMIN_PASSWORD: secrets.admin,
        ...env,
      },
      words,
    }),
    openstack: (...words) =>
      scope.run({
        image: image("openstack-client"),
        flags: ["--network", network, ...locked],
        env: {
          OS_AUTH_URL: "http://keystone:5000/v3",
          OS_IDENTITY_API_VERSION: "3",
          OS_USERNAME: "admin",
          OS_PASSWORD: secrets.admin,
          OS_PROJECT_NAME: "admin",
          OS_USER_DOMAIN_ID: "default",
          OS_PROJECT_DOMAIN_ID: "default",
        },
        words,
      }),
  };
}
