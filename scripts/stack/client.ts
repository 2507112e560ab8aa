/**
 * Runs the real client against the dev stack, in its network: `node scripts/stack/client.ts WORDS...` (make openstack).
 *
 * It is in a container, as the user who calls it, in the folder where make was called, and finds there what its words name.
 * Without words it asks for commands.
 *
 * Exit status: the client's, but for the 1 with which it always ends where it asked for commands; 69 where no stack runs; 75 where its image cannot be built.
 */
import { spawnSync } from "node:child_process";
import { calledIn, wordsOf } from "./called-in.ts";
import { absence } from "./containers.ts";
import { clientEnvironment, deploymentOf, networkOf, secret } from "./deployment.ts";
import { buildMissing, imageFor } from "./images.ts";
import { mountsFor, mountWord } from "./mounts.ts";

const say = (text: string): boolean => process.stderr.write(`make openstack: ${text}\n`);

function main(words: readonly string[]): number {
  const deployment = deploymentOf(process.env);
  const away = absence(deployment, "keystone-server");
  if (away !== undefined) {
    say(away);
    return 69;
  }
  if (buildMissing(deployment, ["openstack-client"]) !== 0) return 75;
  const folder = calledIn(process.cwd(), process.env["CALLER_PWD"] ?? "", wordsOf(process.env["MAKE_PROCESS"] ?? ""));
  const { mounted, hidden } = mountsFor(folder, words);
  if (hidden.length > 0) {
    say(`the client is in a container, which has its own ${hidden.join(", ")}: copy what is meant to another folder`);
  }
  const terminal = process.stdin.isTTY && process.stdout.isTTY ? ["--tty"] : [];
  const environment = { ...clientEnvironment(deployment), HOME: "/run/client" };
  const { status } = spawnSync(
    deployment.engine,
    [
      ...["run", "--rm", "--interactive", ...terminal, "--network", networkOf(deployment)],
      ...["--user", `${process.geteuid?.()}:${process.getegid?.()}`, "--tmpfs", `${environment.HOME}:mode=1777`],
      ...mounted.flatMap((path) => ["--mount", mountWord(path)]),
      ...["--workdir", folder, "--env", "OS_PASSWORD"],
      ...Object.entries(environment).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
      ...["--entrypoint", "openstack", imageFor(deployment, "openstack-client"), ...words],
    ],
    { stdio: "inherit", env: { ...process.env, OS_PASSWORD: secret(deployment, "admin") } },
  );
  return status === 1 && words.length === 0 ? 0 : (status ?? 1);
}

process.exitCode = main(process.argv.slice(2));
