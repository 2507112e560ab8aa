/**
 * Runs the real client against the dev stack, in its network: `node scripts/stack/client.ts WORDS...` (make openstack).
 *
 * It is in a container, as the user who calls it, in the directory where make was called, and finds there what its words name.
 * Without words it asks for commands.
 *
 * Exit status: the client's, but for the 1 with which it always ends where it asked for commands; 69 where no stack runs; 75 where its image cannot be built.
 */
import { absence } from "./containers.ts";
import { clientEnvironment, deploymentOf, networkOf, secret } from "./deployment.ts";
import { runClient } from "./run-client.ts";

const say = (text: string): boolean => process.stderr.write(`make openstack: ${text}\n`);

function main(words: readonly string[]): number {
  const deployment = deploymentOf(process.env);
  const away = absence(deployment, "keystone-server");
  if (away !== undefined) {
    say(away);
    return 69;
  }
  const environment = { ...clientEnvironment(deployment), OS_PASSWORD: secret(deployment, "admin") };
  return runClient(deployment, words, { network: networkOf(deployment), environment });
}

process.exitCode = main(process.argv.slice(2));
