/** Runs the real client against the dev stack, in its network: `node scripts/stack/client.ts WORDS...` (make openstack). */
import { spawnSync } from "node:child_process";
import { clientEnvironment, deploymentOf, networkOf, secret } from "./deployment.ts";

const deployment = deploymentOf(process.env);
const { status } = spawnSync(
  deployment.engine,
  [
    ...["run", "--rm", "--interactive", "--network", networkOf(deployment), "--env", "OS_PASSWORD"],
    ...Object.entries(clientEnvironment(deployment)).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    `${deployment.imagePrefix}/openstack-client:${deployment.release}`,
    ...process.argv.slice(2),
  ],
  { stdio: "inherit", env: { ...process.env, OS_PASSWORD: secret(deployment, "admin") } },
);
process.exitCode = status ?? 1;
