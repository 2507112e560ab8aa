/**
 * Runs the real client against the cloud in the cluster: `node scripts/kubernetes/client.ts WORDS...` (make kubernetes-openstack). It is
 * in a container of this machine, and asks the addresses by which this machine reaches the cloud's services.
 *
 * Exit status: the client's; 69 where no cloud is known here.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { secret } from "../stack/deployment.ts";
import { endpointsPath, readEndpoints } from "../stack/endpoints.ts";
import { runClient } from "../stack/run-client.ts";
import { cloudsPath } from "./clouds.ts";
import { clusterDeployment } from "./deployment.ts";

function main(words: readonly string[]): number {
  const deployment = clusterDeployment(process.env);
  if (!existsSync(endpointsPath(deployment.directory)) || !existsSync(cloudsPath(deployment))) {
    process.stderr.write(
      `make kubernetes-openstack: no cloud ${deployment.name} was started from here: make kubernetes-up starts one\n`,
    );
    return 69;
  }
  const file = resolve(cloudsPath(deployment));
  const environment = {
    OS_CLIENT_CONFIG_FILE: file,
    OS_CLOUD: deployment.name,
    OS_AUTH_URL: `${readEndpoints(deployment.directory).identity}/v3`,
    OS_PASSWORD: secret(deployment, "admin"),
  };
  return runClient(deployment, words, { network: "host", environment, files: [file] });
}

process.exitCode = main(process.argv.slice(2));
