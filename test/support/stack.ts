import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import {
  clientEnvironment,
  compose,
  type Deployment,
  deploymentOf,
  networkOf,
} from "../../scripts/stack/deployment.ts";
import { cleanUp } from "./clean-up.ts";
import { docker, dockerOutput, type Ran } from "./docker.ts";

/** Every image that a stack is made of, and that of its client; parents aside. */
export const stackImages = [
  ...["keystone-server", "glance-server", "placement-server", "nova-controller", "nova-compute", "libvirt-compute"],
  ...["neutron-server", "ovn-server", "cinder-controller", "cinder-volume", "heat-server", "horizon-server"],
  ...["mysql-server", "rabbitmq-server", "memcached-server", "openstack-client"],
];

/** A dev stack of its own, brought up as `make up` does. All of it is removed when the test file is done. */
export type Stack = {
  readonly name: string;
  readonly directory: string;
  readonly network: string;
  /**
   * `node scripts/stack/<script>.ts`, what it prints shown, and told of; with more variables of the environment. Rejects where it does
   * not end with 0.
   */
  readonly script: (
    name: string,
    onLine?: (line: string) => void,
    more?: Readonly<Record<string, string>>,
  ) => Promise<void>;
  readonly deployment: Deployment;
  readonly compose: (...words: string[]) => string;
  /** The real client, as the administrator, within the stack's network. */
  readonly openstack: (...words: string[]) => Promise<string>;
  /** The same, its JSON read. */
  readonly openstackJson: <T>(...words: string[]) => Promise<T>;
  /** Several commands of the client in one run, a line each. */
  readonly openstackAll: (...lines: string[]) => Promise<void>;
  readonly secrets: () => Readonly<Record<string, string>>;
};

/** @param more what else `make up` is given: NETWORK. */
export function devStack(release: string, more: Readonly<Record<string, string>> = {}): Stack {
  const name = `plinth-e2e-${randomBytes(3).toString("hex")}`;
  const env = { ...process.env, ...more, STACK: name, VERSION: release };
  const deployment = deploymentOf(env);
  const { imagePrefix: deploy, directory } = deployment;
  const network = networkOf(deployment);

  const script = (
    what: string,
    onLine: (line: string) => void = () => {},
    own: Readonly<Record<string, string>> = {},
  ): Promise<void> =>
    new Promise((settle, reject) => {
      const child = spawn(process.execPath, [`scripts/stack/${what}.ts`], {
        env: { ...env, ...own },
        stdio: ["ignore", 2, "pipe"],
      });
      createInterface({ input: child.stderr as Readable }).on("line", (line) => {
        process.stderr.write(`${line}\n`);
        onLine(line);
      });
      child.once("error", reject);
      child.once("close", (status) =>
        status === 0 ? settle() : reject(new Error(`scripts/stack/${what}.ts ended with ${status}`)),
      );
    });
  const remove = (): void => {
    spawnSync(process.execPath, ["scripts/stack/down.ts"], { env, stdio: "ignore" });
    rmSync(directory, { recursive: true, force: true });
  };
  cleanUp(remove);

  const secret = (file: string): string => readFileSync(join(directory, "secrets", file), "utf8").trim();
  let client: Promise<string> | undefined;
  const clientContainer = (): Promise<string> => {
    client ??= dockerOutput(
      [
        ...["run", "--detach", "--name", `${name}-client`, "--label", `com.docker.compose.project=${name}`],
        ...["--network", network, "--env", "OS_PASSWORD", "--volume", `${process.cwd()}/build/e2e:/e2e:ro`],
        ...Object.entries(clientEnvironment(deployment)).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
        ...["--entrypoint", "sleep", `${deploy}/openstack-client:${release}`, "infinity"],
      ],
      { OS_PASSWORD: secret("admin") },
    );
    return client;
  };
  const must = ({ status, stdout, stderr }: Ran, words: readonly string[]): string => {
    if (status !== 0) throw new Error(`openstack ${words.join(" ")} ended with ${status}: ${stderr}`);
    return stdout.trim();
  };
  const openstack = async (...words: string[]): Promise<string> =>
    must(await docker(["exec", await clientContainer(), "openstack", ...words]), words);
  return {
    name,
    directory,
    network,
    script,
    deployment,
    compose: (...words) => compose(deployment, words),
    openstack,
    openstackJson: async <T>(...words: string[]) => JSON.parse(await openstack(...words, "-f", "json")) as T,
    async openstackAll(...lines) {
      const container = await clientContainer();
      // A line that fails is told of on standard error, and the client goes on; its status tells nothing of them.
      const { stdout, stderr } = spawnSync("docker", ["exec", "--interactive", container, "openstack"], {
        input: `${lines.join("\n")}\n`,
        encoding: "utf8",
        timeout: 300_000,
      });
      const said = stderr.split("\n").filter((line) => line.trim() !== "" && !/warning|Warning/.test(line));
      if (said.length > 0) throw new Error(`openstack: ${said.join("\n")}\n${stdout.slice(-2000)}`);
    },
    secrets: () => ({ admin: secret("admin"), metadata: secret("metadata"), nova: secret("database-nova") }),
  };
}
