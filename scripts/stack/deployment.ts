import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { imageName, images } from "../../src/openstack/images.ts";
import { inRange, releaseOfComponent } from "../../src/openstack/releases.ts";

/** One dev stack: its name, the release of its images, the folder with its secrets. */
export type Deployment = {
  /** Project of Docker Compose: part of the names of containers, networks and volumes. */
  readonly name: string;
  readonly release: string;
  readonly registry: string | undefined;
  readonly deployName: string;
  /** What images are called, before `/keystone-server:RELEASE`. */
  readonly imagePrefix: string;
  readonly engine: string;
  readonly folder: string;
  /** The first three numbers of the addresses in the stack's own network. */
  readonly network: string;
  /** The same of the network outside of the cloud, which has the floating addresses. */
  readonly outside: string;
  /** The control plane is on the machine's own network, its addresses in etcd. */
  readonly onHost: boolean;
};

/** Reads what the Makefile hands over: STACK, VERSION, DEPLOY_NAME, REGISTRY, ENGINE, NETWORK, STACK_NETWORK, OUTSIDE_NETWORK. */
export function deploymentOf(environment: NodeJS.ProcessEnv): Deployment {
  const name = environment["STACK"] || "plinth";
  const registry = environment["REGISTRY"] || undefined;
  const deployName = environment["DEPLOY_NAME"] || "plinth";
  return {
    name,
    release: environment["VERSION"] || "2025.1",
    registry,
    deployName,
    imagePrefix: registry === undefined ? deployName : `${registry}/${deployName}`,
    engine: environment["ENGINE"] || "docker",
    folder: join("build/stack", name),
    network: environment["STACK_NETWORK"] || "172.31.240",
    // Beside the stack's own: while the stack runs, the machine reaches no other network of these addresses (decision 0028).
    outside: environment["OUTSIDE_NETWORK"] || "172.31.239",
    onHost: environment["NETWORK"] === "host",
  };
}

/** Where containers in the stack's network find keystone. */
export const identityUrl = ({ onHost, network }: Deployment): string =>
  `http://${onHost ? `${network}.1` : "keystone-server"}:5000/v3`;

/** What the client is told in its environment, the password aside: it is the administrator, within the stack's network. */
export const clientEnvironment = (deployment: Deployment): Readonly<Record<string, string>> => ({
  OS_AUTH_URL: identityUrl(deployment),
  OS_IDENTITY_API_VERSION: "3",
  OS_INTERFACE: "internal",
  OS_USERNAME: "admin",
  OS_PROJECT_NAME: "admin",
  OS_USER_DOMAIN_ID: "default",
  OS_PROJECT_DOMAIN_ID: "default",
});

/** The image that makes the small guest, and has an SSH client. */
export const guestImage = ({ imagePrefix, release }: Deployment): string => `${imagePrefix}/test-guest:${release}`;

/** The network that Compose makes for a deployment. */
export const networkOf = ({ name }: Deployment): string => `${name}_default`;

export const secretsFolder = ({ folder }: Deployment): string => join(folder, "secrets");

/** What compose.yaml reads from its environment. */
export const composeEnvironment = (deployment: Deployment): NodeJS.ProcessEnv => ({
  ...process.env,
  // One container after the other: engines up to 20.10 may count an endpoint of a network twice when two containers join it at
  // the same moment, and then the network can never be removed ("has active endpoints"). Two cores start them no faster at once.
  COMPOSE_PARALLEL_LIMIT: "1",
  VERSION: deployment.release,
  IMAGE_PREFIX: deployment.imagePrefix,
  SECRETS: secretsFolder(deployment),
  STACK_NETWORK: deployment.network,
  OUTSIDE_NETWORK: deployment.outside,
  ...(process.env["VIRTUALIZATION"] === "kvm" ? { KVM_DEVICE: "/dev/kvm" } : {}),
  ...(deployment.onHost
    ? {
        CONTROL_NETWORK: "host",
        CONTROL_ADDRESS: `${deployment.network}.1`,
        PARAMETERS: "scripts/stack/etcd.env",
        COMPOSE_PROFILES: "etcd",
        BRIDGE_PORTS: "",
      }
    : {}),
});

const words = ({ name }: Deployment): readonly string[] => [
  "compose",
  "--project-name",
  name,
  "--file",
  "compose.yaml",
];

/** Runs `docker compose` for a deployment. @returns its standard output. */
export const compose = (deployment: Deployment, more: readonly string[]): string =>
  execFileSync(deployment.engine, [...words(deployment), ...more], {
    encoding: "utf8",
    env: composeEnvironment(deployment),
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "pipe"],
  });

/** Runs `docker compose` with this terminal, for so many milliseconds at most. @returns its exit status. */
export const composeHere = (deployment: Deployment, more: readonly string[], within?: number): Promise<number> =>
  new Promise((settle, reject) => {
    const child = spawn(deployment.engine, [...words(deployment), ...more], {
      stdio: "inherit",
      env: composeEnvironment(deployment),
      ...(within === undefined ? {} : { timeout: within }),
    });
    child.once("error", reject);
    child.once("close", (status) => settle(status ?? 1));
  });

type ComposeFile = {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image: string;
        readonly command: readonly string[];
        readonly restart?: string;
        readonly cpu_shares?: number;
        readonly ports?: readonly { readonly published?: string; readonly host_ip?: string }[];
        /** `service:ovsdb`: in the network of another service's container. */
        readonly network_mode?: string;
      }
    >
  >;
  readonly secrets: Readonly<Record<string, unknown>>;
};

/** The name of an image without what stands before and behind it: keystone-server. */
export const imageOf = (image: string): string => image.replace(/:[^:/]*$/, "").replace(/.*\//, "");

/** @returns whether a release has what plinth starts in a container of compose.yaml; other programs it has. */
function isOfRelease(release: string, { image, command }: ComposeFile["services"][string]): boolean {
  const row = images.find((one) => imageName(one) === imageOf(image));
  const service = row?.services[command[0] ?? ""];
  if (!row || !service) return true;
  const own = releaseOfComponent(release, row.component);
  return inRange(row, own) && inRange(service, own);
}

/** compose.yaml as Docker Compose reads it for this deployment: its variables filled in, with the services that its release has. */
export function composeFile(deployment: Deployment): ComposeFile {
  const { services, secrets } = JSON.parse(compose(deployment, ["config", "--format", "json"])) as ComposeFile;
  const own = Object.entries(services).filter(([, service]) => isOfRelease(deployment.release, service));
  return { services: Object.fromEntries(own), secrets };
}

/**
 * Makes the secrets that are not there yet, a file each. The folder is its owner's alone; the files in it can be read by
 * the services' accounts, to whose containers each is mounted.
 */
export function makeSecrets(deployment: Deployment, names: readonly string[]): void {
  const folder = secretsFolder(deployment);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  for (const name of names) {
    const file = join(folder, name);
    // 32 signs: heat wants exactly that many of its encryption key.
    if (!existsSync(file)) writeFileSync(file, randomBytes(16).toString("hex"), { mode: 0o444 });
  }
}

export const secret = (deployment: Deployment, name: string): string =>
  readFileSync(join(secretsFolder(deployment), name), "utf8").trim();

/** Writes the administrator's credentials, for `source` and for OpenStack's own clouds.yaml. @returns the first one's path. */
export function writeCredentials(deployment: Deployment): string {
  const values = {
    OS_AUTH_URL: "http://localhost:5000/v3",
    OS_IDENTITY_API_VERSION: "3",
    OS_USERNAME: "admin",
    OS_PASSWORD: secret(deployment, "admin"),
    OS_PROJECT_NAME: "admin",
    OS_USER_DOMAIN_ID: "default",
    OS_PROJECT_DOMAIN_ID: "default",
    OS_REGION_NAME: "RegionOne",
  };
  const file = join(deployment.folder, "openrc");
  const lines = Object.entries(values).map(([name, value]) => `export ${name}=${value}\n`);
  writeFileSync(file, lines.join(""), { mode: 0o600 });
  return file;
}
