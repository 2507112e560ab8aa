/** Runs the real client against the dev stack, in its network: `node scripts/stack/client.ts WORDS...` (make openstack). */
import { spawnSync } from "node:child_process";
import { deploymentOf, identityUrl, secret } from "./deployment.ts";

const deployment = deploymentOf(process.env);
const settings = {
  OS_AUTH_URL: identityUrl(deployment),
  OS_IDENTITY_API_VERSION: "3",
  OS_INTERFACE: "internal",
  OS_USERNAME: "admin",
  OS_PROJECT_NAME: "admin",
  OS_USER_DOMAIN_ID: "default",
  OS_PROJECT_DOMAIN_ID: "default",
};
const { status } = spawnSync(
  deployment.engine,
  [
    ...["run", "--rm", "--interactive", "--network", `${deployment.name}_default`, "--env", "OS_PASSWORD"],
    ...Object.entries(settings).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    `${deployment.imagePrefix}/openstack-client:${deployment.release}`,
    ...process.argv.slice(2),
  ],
  { stdio: "inherit", env: { ...process.env, OS_PASSWORD: secret(deployment, "admin") } },
);
process.exitCode = status ?? 1;
