import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { composeText } from "../../src/compose/write.ts";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { oneAtATime } from "../../src/host/compose/project.ts";
import { makeSecretFiles } from "../../src/host/secret-directory.ts";
import { ports } from "../../src/openstack/ports.ts";
import { secrets } from "../../src/openstack/secrets.ts";
import { endpointsOf, endpointsPath, readEndpoints } from "./endpoints.ts";
import { describeNamed, type Facts, readFacts, tellWrong } from "./model.ts";

/** One dev stack: its name, the release of its images, the directory with its secrets. */
export type Deployment = {
  /** Project of Docker Compose: part of the names of containers, networks and volumes. */
  readonly name: string;
  readonly release: string;
  readonly region: string;
  readonly registry: string | undefined;
  readonly deployName: string;
  /** What images are called, before `/keystone-server:RELEASE`. */
  readonly imagePrefix: string;
  readonly engine: string;
  readonly directory: string;
  /** The first three numbers of the addresses in the stack's own network. */
  readonly network: string;
  /** The same of the network outside of the cloud, which has the floating addresses. */
  readonly outside: string;
  /** Where the model says these two. */
  readonly places: Facts["places"];
  /** The control plane is on the machine's own network, its addresses in etcd. */
  readonly onHost: boolean;
  /** What make was told: the model's directory, and what is said otherwise than there. */
  readonly environment: NodeJS.ProcessEnv;
};

/**
 * Reads what the Makefile hands over: STACK, ENGINE, MODEL, and what may be said otherwise than in the model (model.ts). Ends
 * with what is wrong where the model cannot be read.
 *
 * @param facts what the model says.
 */
export function deploymentOf(environment: NodeJS.ProcessEnv, facts: Facts = mustRead(environment)): Deployment {
  const name = environment["STACK"] || "plinth";
  return {
    name,
    release: facts.release,
    region: facts.region,
    registry: facts.registry,
    deployName: facts.deployName,
    imagePrefix: facts.imagePrefix,
    engine: environment["ENGINE"] || "docker",
    directory: join("build/stack", name),
    network: facts.network,
    outside: facts.outside,
    places: facts.places,
    onHost: facts.controlNetwork === "host",
    environment,
  };
}

function mustRead(environment: NodeJS.ProcessEnv): Facts {
  const facts = readFacts(environment);
  if (facts.ok) return facts.value;
  process.exit(tellWrong(facts.diagnostics));
}

/** Where containers in the stack's network find keystone. */
export const identityUrl = ({ onHost, network }: Deployment): string =>
  `http://${onHost ? `${network}.1` : "keystone-server"}:${ports.identity}/v3`;

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

export const secretsDirectory = ({ directory }: Deployment): string => join(directory, "secrets");

/** The project's own file for Docker Compose. */
export const composePath = ({ directory }: Deployment): string => join(directory, "compose.yaml");

/** Writes the deployment's file for Docker Compose again, as the model is now. @returns what is wrong with the model. */
export function writeComposeFile(deployment: Deployment): readonly Diagnostic[] {
  const described = describeNamed(deployment.environment);
  if (!described.ok) return described.diagnostics;
  const text = composeText(described.value, { by: "make up", secretsDirectory: secretsDirectory(deployment) });
  mkdirSync(deployment.directory, { recursive: true });
  writeFileSync(composePath(deployment), text);
  writeFileSync(endpointsPath(deployment.directory), `${JSON.stringify(endpointsOf(described.value), null, 2)}\n`);
  return [];
}

/** What the file for Docker Compose reads from its environment. */
export const composeEnvironment = (deployment: Deployment): NodeJS.ProcessEnv => ({
  ...process.env,
  ...oneAtATime,
  VERSION: deployment.release,
  IMAGE_PREFIX: deployment.imagePrefix,
  SECRETS: secretsDirectory(deployment),
  STACK_NETWORK: deployment.network,
  OUTSIDE_NETWORK: deployment.outside,
  ...(process.env["VIRTUALIZATION"] === "kvm" ? { KVM_DEVICE: "/dev/kvm" } : {}),
});

/** Words of Compose for a deployment. Without a file it knows by labels what there is, which is enough to end it. */
function words(deployment: Deployment): readonly string[] {
  const file = ["--project-directory", ".", "--file", composePath(deployment)];
  return ["compose", "--project-name", deployment.name, ...(existsSync(composePath(deployment)) ? file : [])];
}

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
        /** `service:hypervisor`: in the network of another service's container. */
        readonly network_mode?: string;
      }
    >
  >;
  readonly secrets: Readonly<Record<string, unknown>>;
};

/** The name of an image without what stands before and behind it: keystone-server. */
export const imageOf = (image: string): string => image.replace(/:[^:/]*$/, "").replace(/.*\//, "");

/** The file as Docker Compose reads it for this deployment, its variables filled in. It is written where there is none. */
export function composeFile(deployment: Deployment): ComposeFile {
  const wrong = existsSync(composePath(deployment)) ? [] : writeComposeFile(deployment);
  if (wrong.length > 0) process.exit(tellWrong(wrong));
  return JSON.parse(compose(deployment, ["config", "--format", "json"])) as ComposeFile;
}

/** Makes the secrets of these names that are not there yet. */
export function makeSecrets(deployment: Deployment, names: readonly string[]): void {
  const rows = secrets.filter(({ name }) => names.includes(name));
  makeSecretFiles(
    secretsDirectory(deployment),
    rows.map(({ name, made }) => ({ name, ...made })),
  );
}

export const secret = (deployment: Deployment, name: string): string =>
  readFileSync(join(secretsDirectory(deployment), name), "utf8").trim();

/** Writes the administrator's credentials, for `source` and for OpenStack's own clouds.yaml. @returns the first one's path. */
export function writeCredentials(deployment: Deployment): string {
  const values = {
    OS_AUTH_URL: `${readEndpoints(deployment.directory).identity}/v3`,
    OS_IDENTITY_API_VERSION: "3",
    OS_USERNAME: "admin",
    OS_PASSWORD: secret(deployment, "admin"),
    OS_PROJECT_NAME: "admin",
    OS_USER_DOMAIN_ID: "default",
    OS_PROJECT_DOMAIN_ID: "default",
    OS_REGION_NAME: deployment.region,
  };
  const file = join(deployment.directory, "openrc");
  const lines = Object.entries(values).map(([name, value]) => `export ${name}=${value}\n`);
  writeFileSync(file, lines.join(""), { mode: 0o600 });
  return file;
}
