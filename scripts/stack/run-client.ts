import { spawnSync } from "node:child_process";
import { calledIn, wordsOf } from "./called-in.ts";
import type { Deployment } from "./deployment.ts";
import { buildMissing, imageFor } from "./images.ts";
import { mountsFor, mountWord } from "./mounts.ts";

/**
 * Runs the real client in a container, as the user who calls it, in the directory where make was called, where it finds what its words
 * name. Without words it asks for commands.
 *
 * @param environment OS_PASSWORD and what else the client is told. @param files of this machine that it reads.
 * @returns its exit status, but for the 1 with which it always ends where it asked for commands; 75 where its image cannot be built.
 */
export function runClient(
  deployment: Deployment,
  words: readonly string[],
  {
    network,
    environment,
    files = [],
  }: {
    readonly network: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly files?: readonly string[];
  },
): number {
  if (buildMissing(deployment, ["openstack-client"]) !== 0) return 75;
  const directory = calledIn(
    process.cwd(),
    process.env["CALLER_PWD"] ?? "",
    wordsOf(process.env["MAKE_PROCESS"] ?? ""),
  );
  const { mounted, hidden } = mountsFor(directory, words);
  if (hidden.length > 0) {
    process.stderr.write(
      `make openstack: the client is in a container, which has its own ${hidden.join(", ")}: copy what is meant to another directory\n`,
    );
  }
  const terminal = process.stdin.isTTY && process.stdout.isTTY ? ["--tty"] : [];
  const given = { ...environment, HOME: "/run/client" };
  const { status } = spawnSync(
    deployment.engine,
    [
      ...["run", "--rm", "--interactive", ...terminal, "--network", network],
      ...["--user", `${process.geteuid?.()}:${process.getegid?.()}`, "--tmpfs", `${given.HOME}:mode=1777`],
      ...[...mounted, ...files].flatMap((path) => ["--mount", mountWord(path)]),
      // By their names: an argument can be read by everybody on the machine.
      ...["--workdir", directory, ...Object.keys(given).flatMap((name) => ["--env", name])],
      ...["--entrypoint", "openstack", imageFor(deployment, "openstack-client"), ...words],
    ],
    { stdio: "inherit", env: { ...process.env, ...given } },
  );
  return status === 1 && words.length === 0 ? 0 : (status ?? 1);
}
