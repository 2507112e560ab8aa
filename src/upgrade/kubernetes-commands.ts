import type { Deployment, Workload } from "../deployment/deployment.ts";
import { type Both, imageOf, isInfrastructure } from "./deployed.ts";
import type { Job, Rolled } from "./plan.ts";
import { line, type Words } from "./typed.ts";

const directoryOf = ({ release }: Deployment): string => `manifests-${release}`;

const control = ({ cluster }: Deployment, ...words: readonly string[]): string =>
  line("kubectl", "--namespace", cluster.namespaces.control, ...words);
const guests = ({ cluster }: Deployment, ...words: readonly string[]): string =>
  line("kubectl", "--namespace", cluster.namespaces.hypervisors, ...words);

const workloadOf = ({ workloads }: Deployment, name: string): Workload | undefined =>
  workloads.find((one) => one.name === name);

const kindOf = ({ runs }: Workload): "statefulset" | "deployment" =>
  runs === "stateful" ? "statefulset" : "deployment";
/** What runs the pods of a workload: `deployment/nova-controller`. */
const runnerOf = (workload: Workload): string => `${kindOf(workload)}/${workload.group}`;

const apply = (side: Deployment, file: string): string =>
  line("kubectl", "apply", "--server-side", "--filename", `${directoryOf(side)}/${file}.yml`);

/** Replaces the pods of a workload by those of a release, one after the other where the cluster can. */
const replace = (side: Deployment, workload: Workload): readonly string[] => [
  apply(side, `${workload.group}-${kindOf(workload)}`),
  control(side, "rollout", "status", runnerOf(workload)),
];

/** In a hypervisor's pod only the container is another one: servers end with the pod. The pod that comes after it gets it, too. */
const replaceInPod = (side: Deployment, workload: Workload): readonly string[] =>
  workload.containers.flatMap(({ hostname }) => [
    ...[`statefulset/${hostname}`, `pod/${hostname}-0`].map((object) =>
      guests(side, "set", "image", object, `${workload.name}=${imageOf(side, workload.image)}`),
    ),
    guests(side, "wait", "--for=condition=Ready", "--timeout=300s", `pod/${hostname}-0`),
  ]);

const replaceAny = (side: Deployment, workload: Workload): readonly string[] =>
  workload.runs === "hypervisor" ? replaceInPod(side, workload) : replace(side, workload);

function restart(side: Deployment, workload: Workload): readonly string[] {
  if (workload.runs !== "hypervisor") {
    const runner = runnerOf(workload);
    return [control(side, "rollout", "restart", runner), control(side, "rollout", "status", runner)];
  }
  // A container of a pod starts again when its first process ends.
  return workload.containers.map(({ hostname }) =>
    guests(side, "exec", `${hostname}-0`, "--container", workload.name, "--", "pkill", "--oldest", workload.name),
  );
}

const remove = (side: Deployment, workload: Workload): string =>
  control(side, "delete", runnerOf(workload), "--ignore-not-found");

/** The one that is there after a phase, or before it. */
const findIn = ({ workload }: Rolled, side: Deployment, other: Deployment): Workload =>
  (workloadOf(side, workload) ?? workloadOf(other, workload)) as Workload;

const openStackOf = (side: Deployment): readonly Workload[] =>
  side.workloads.filter((one) => one.kind === "service" && !isInfrastructure(one));

const isControl = ({ runs }: Workload): boolean => runs !== "hypervisor";

/**
 * Makes a Job that runs once of one of the manifests, whose own Jobs have the digest of their template in their name, or of a CronJob.
 * Each is tried once: a second try would follow a warning, too.
 */
const once = {
  file: "once.jq",
  lines: [
    '{apiVersion: "batch/v1", kind: "Job",',
    "  metadata: {name: $name, namespace: .metadata.namespace},",
    "  spec: (.spec.jobTemplate.spec // .spec)}",
    "| .spec.backoffLimit = 0",
    '| .spec.template.spec.restartPolicy = "Never"',
    "| .spec.template.spec.containers[0].command +=",
    '  ($ARGS.positional | if . == [] then . else ["--"] + . end)',
  ],
} as const;

function jobText(job: Job, { before, after }: Both): readonly string[] {
  const side = job.of === "from" ? before : after;
  const { byHand = false, group = job.workload } = workloadOf(side, job.workload) ?? {};
  const [program] = job.command;
  const name = `${group}${program === undefined ? "" : program.replace(/^.*\//, "-")}-${side.release}`;
  const more = program === undefined ? [] : ["--args", "--", ...job.command];
  const file = `${directoryOf(side)}/${group}-${byHand ? "cronjob" : "job"}.yml`;
  const create = [
    line("kubectl", "create", "--dry-run=client", "--output", "json", "--filename", file),
    line("jq", "--arg", "name", name, "--from-file", once.file, ...more),
    line("kubectl", "create", "--filename", "-"),
  ];
  return [
    create.join(" | "),
    control(side, "logs", "--follow", "--pod-running-timeout=10m", `job/${name}`),
    // Its exit status.
    control(side, "get", "pods", "--selector", `job-name=${name}`, "--output", "jsonpath={..terminated.exitCode}"),
  ];
}

/** For kubectl, in a directory with the manifests of both releases. */
export const kubernetesWords: Words = {
  where: "The commands are for kubectl and jq, in the directory that the manifests of both releases are written to.",
  never:
    "Never apply a whole directory of manifests meanwhile: it would replace these too, and all of OpenStack's pods in any order.",
  write: ({ before, after }, { model }) => [
    ...[before, after].map(
      (side) => `plinth manifests${model} --set _param:release=${side.release} --output ${directoryOf(side)}`,
    ),
    `${line("printf", "%s\\n", ...once.lines)} > ${once.file}`,
  ],
  inDatabase: (side, server, words) => control(side, "exec", "--stdin", `statefulset/${server}`, "--", ...words),
  job: jobText,
  roll(rolled, { before, after }) {
    const { change } = rolled;
    const workload = findIn(rolled, after, before);
    if (change === "goes") return [remove(before, workload)];
    if (change === "stopped") return [control(before, "scale", "--replicas=0", runnerOf(workload))];
    return change === "restarted" ? restart(after, workload) : replaceAny(after, workload);
  },
  back(rolled, { before, after }) {
    const { change } = rolled;
    const workload = findIn(rolled, before, after);
    if (change === "appears") return [remove(after, workload)];
    return change === "restarted" ? [] : replaceAny(before, workload);
  },
  // A hypervisor's pod stays, with its servers.
  end: (side) => [
    control(side, "scale", "--replicas=0", ...new Set(openStackOf(side).filter(isControl).map(runnerOf))),
  ],
  start: (side) => [...new Set(openStackOf(side).flatMap((workload) => replaceAny(side, workload)))],
};
