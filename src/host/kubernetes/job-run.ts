import { setTimeout as sleep } from "node:timers/promises";
import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { JobUnit } from "../../manifest/units.ts";
import type { Ran } from "../../upgrade/driver.ts";
import type { Job } from "../../upgrade/plan.ts";
import { lastLines } from "../process/captured.ts";
import type { RunKubectl } from "./kubectl.ts";
import { clusterMessage } from "./messages.ts";
import { isUnpulled, newName, type PodObject } from "./pod-run.ts";

/** Milliseconds between two looks at a job. */
const look = 1000;
/** Seconds for which a Job is kept if plinth is killed before it has removed it. */
const keptSeconds = 3600;

type Template = {
  readonly spec: { readonly containers: readonly { readonly name: string; readonly command: readonly string[] }[] };
};

/** The Job of a job's own template that runs once, with the job's words behind its command. It has one container. */
function jobOf(name: string, { spec, namespace }: JobUnit, job: Job) {
  const template = spec["template"] as unknown as Template;
  const more = job.command.length > 0 ? ["--", ...job.command] : [];
  const containers = template.spec.containers
    .filter((one) => one.name === job.workload)
    .map((one) => ({ ...one, command: [...one.command, ...more] }));
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace, labels: { "app.kubernetes.io/managed-by": "plinth" } },
    spec: {
      // What it ends with is what is asked: a second try would follow a warning, too.
      backoffLimit: 0,
      ttlSecondsAfterFinished: keptSeconds,
      template: { ...template, spec: { ...template.spec, restartPolicy: "Never", containers } },
    },
  };
}

/** Runs a job of a release to its end. @returns its exit status, and its last lines. */
export async function runJob(kubectl: RunKubectl, own: JobUnit, job: Job): Promise<Result<Ran>> {
  const name = newName(job.workload).slice(0, 63).replace(/-+$/, "");
  const failed = (reason: string) =>
    failure([clusterMessage("pod-command-failed", { pod: `${own.namespace}/${name}`, reason })]);
  const here = ["--namespace", own.namespace];
  const made = await kubectl.ask(["create", "--filename", "-"], JSON.stringify(jobOf(name, own, job)));
  if (!made.ok) return made;
  try {
    for (;;) {
      const listed = await kubectl.ask(["get", "pods", ...here, "--selector", `job-name=${name}`, "--output", "json"]);
      if (!listed.ok) return listed;
      const { items } = JSON.parse(listed.value) as { readonly items: readonly PodObject[] };
      const pod = items.at(-1);
      const [status] = pod?.status?.containerStatuses ?? [];
      const exitCode = status?.state.terminated?.exitCode;
      if (pod && exitCode !== undefined) {
        const said = await kubectl.run(["logs", pod.metadata.name, ...here, "--tail", "40"]);
        return success({ status: exitCode, last: said.ok ? lastLines(said.value.stdout) : [] });
      }
      if (status && isUnpulled(status)) return failed(status.state.waiting?.message ?? "its image cannot be pulled");
      // Without a container it was refused, or evicted.
      if (pod?.status?.phase === "Failed") return failed(pod.status.reason ?? "its pod failed");
      await sleep(look);
    }
  } finally {
    await kubectl.run(["delete", "job", name, ...here, "--wait=false", "--ignore-not-found"]);
  }
}
