import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { failure, type Result, success } from "../../src/diagnostics/diagnostic.ts";
import { build, runContainer, type Site, tailOf, uvProblem } from "./container.ts";
import { lockMessage } from "./messages.ts";

/** Components with a database or pages: services.py has a row for each. */
const served = ["keystone", "glance", "placement", "nova", "neutron", "cinder", "heat", "horizon"];
/** Components that oslo.config configures: option-lists.py has a row for each. */
const configured = served.filter((name) => name !== "horizon");
const clients = ["openstack-client"];

/** What was seen of a component: lines to print, and its list of options as option-lists.py has it. */
export type Tried = { readonly seen: readonly string[]; readonly options?: string };

/** The steps of a trial, and with what status the container ends where one fails. */
const steps = [
  {
    name: "import of console scripts",
    status: 11,
    of: undefined,
    command: () => "python -W ignore /scripts/imports.py",
  },
  {
    name: "list of options",
    status: 12,
    of: configured,
    command: (component: string) => `python -W ignore /lists/option-lists.py ${component} > /out/options.json`,
  },
  {
    name: "migration and API",
    status: 13,
    of: served,
    command: (component: string) => `python /scripts/services.py ${component}`,
  },
  {
    // What the client is given to read, or types at its prompt, goes through cmd2, which changes its interface now and then.
    name: "command from a file",
    status: 14,
    of: clients,
    command: () =>
      "echo 'module list' | openstack --os-auth-type none --os-endpoint http://localhost > /out/said 2>&1; grep '^| openstackclient ' /out/said || { cat /out/said; false; }",
  },
] as const;

/**
 * Installs a lock into a virtual environment, without anything that is not in it, and tries what it gives, where there is neither
 * compiler nor network.
 *
 * @param directory with the locks, of build.txt, too.
 */
export async function tryLock(site: Site, directory: string, component: string): Promise<Result<Tried>> {
  const venv = resolve(directory, "venv");
  const out = resolve(directory, "out");
  for (const path of [venv, out]) {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
  }
  try {
    const words = "--require-hashes --no-deps --no-config --build-constraints /locks/build.txt --requirements";
    const installed = await build(
      site,
      `uv venv --quiet --clear --python /usr/bin/python3 /opt/venv\nuv pip install --quiet --python /opt/venv/bin/python ${words} /locks/${component}.txt`,
      { [venv]: "/opt/venv", [resolve(directory)]: "/locks:ro" },
    );
    if (installed.status !== 0) return failure([uvProblem(component, installed)]);
    const own = steps.filter(({ of }) => of === undefined || of.includes(component));
    const script = own.map(({ command, status }) => `${command(component)} || exit ${status}`).join("\n");
    const volumes = {
      [venv]: "/opt/venv",
      [out]: "/out",
      [resolve("scripts/lock")]: "/scripts:ro",
      [resolve("scripts")]: "/lists:ro",
    };
    const ended = await runContainer([
      ...["--network", "none", "--env", "PATH=/opt/venv/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      // Compiled as it is imported, and nothing is left in the directory that the caller's account could not remove.
      ...["--env", "PYTHONPYCACHEPREFIX=/tmp/pycache"],
      ...Object.entries(volumes).flatMap(([from, to]) => ["--volume", `${from}:${to}`]),
      ...["--entrypoint", "/bin/sh", site.trial, "-c", script],
    ]);
    if (ended.status !== 0) {
      const step = own.find(({ status }) => status === ended.status)?.name ?? "trial";
      const tail = tailOf(`${ended.stdout}\n${ended.stderr}`);
      return failure([lockMessage("trial-failed", { component, step, tail })]);
    }
    const seen = ended.stdout.trim().split("\n");
    return success(
      configured.includes(component) ? { seen, options: readFileSync(join(out, "options.json"), "utf8") } : { seen },
    );
  } finally {
    for (const path of [venv, out]) rmSync(path, { recursive: true, force: true });
  }
}
