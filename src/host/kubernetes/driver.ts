import { setTimeout as sleep } from "node:timers/promises";
import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { KubernetesObject } from "../../manifest/object.ts";
import type { Unit, Units } from "../../manifest/units.ts";
import type { Driver, Seen, Unready } from "../../upgrade/driver.ts";
import type { Job } from "../../upgrade/plan.ts";
import { dumpTo, readRevisions, revisionsIn, revisionsScript } from "../database/in-container.ts";
import { driverMessage } from "../driver-messages.ts";
import { lastLines } from "../process/captured.ts";
import { runJob } from "./job-run.ts";
import { clusterByKubectl, type RunKubectl } from "./kubectl.ts";
import { hold } from "./lease.ts";
import { clusterMessage } from "./messages.ts";
import { type ContainerStatus, imagesAbsent, outputOf, type PodObject } from "./pod-run.ts";

/** What drives a deployment's upgrade by kubectl. */
export type ByKubectl = {
  readonly kubectl: RunKubectl;
  /** The deployment's manifests of both releases. */
  readonly units: Readonly<Record<Job["of"], Units>>;
  /** What pods call the images of the plan, of both releases. */
  readonly images: ReadonlyMap<string, string>;
  /** The service that runs MariaDB; undefined where the database is somebody else's. */
  readonly database: string | undefined;
  /** The namespace of the control plane. */
  readonly namespace: string;
  /** Milliseconds until somebody else's lock must be free, and for a pull of all images. */
  readonly within: number;
};

/** Seconds for which kubectl waits for a rollout before it is asked again. */
const rolloutSeconds = 10;
/** Seconds during which a container in a pod that stays is asked from inside. */
const askedFor = "10";
/** Milliseconds between two looks at a container that starts again in its pod, and until it must have. */
const look = 500;
const startedWithin = 300_000;

type Template = {
  readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
};
type Runner = KubernetesObject & {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly replicas?: number; readonly template: Template };
};

/** What tells an object from others. */
const keyOf = (object: KubernetesObject): string => {
  const { metadata } = object as unknown as Runner;
  return `${object.kind} ${metadata.namespace} ${metadata.name}`;
};

const refOf = ({ runner, name }: Unit): string => `${runner.kind.toLowerCase()}/${name}`;
const podOf = ({ name }: Unit): string => `${name}-0`;
const here = ({ namespace }: Unit): readonly string[] => ["--namespace", namespace];
/** The pods of what runs a service. */
const selected = (unit: Unit): readonly string[] => [
  ...here(unit),
  ...["--selector", `app.kubernetes.io/name=${unit.name}`],
];
/** Words that run a command in a container of a pod, or of a runner's first pod. */
const execIn = (pod: string, unit: Unit, command: readonly string[], ...more: readonly string[]): readonly string[] => [
  ...["exec", ...more, pod, ...here(unit), "--container", unit.container, "--", ...command],
];

/**
 * Ends the first process of the container that it runs in, which may share its processes with others: it has no parent there, as nobody but
 * this shell has, and the same cgroup as this shell. kubelet starts the container again then, and leaves the pod as it is.
 */
const endScript = `own=$(cat /proc/self/cgroup)
for directory in /proc/[0-9]*; do
  pid=\${directory#/proc/}
  [ "$pid" != $$ ] || continue
  grep -q "^PPid:[[:space:]]*0$" "$directory/status" 2>/dev/null || continue
  [ "$(cat "$directory/cgroup" 2>/dev/null)" = "$own" ] && kill -TERM "$pid"
done
true`;

/** Objects by what runs their pods: those of one pod are replaced together. */
const byRunner = (units: readonly Unit[]): readonly (readonly [Unit, ...Unit[]])[] =>
  [...Map.groupBy(units, (unit) => `${unit.namespace} ${refOf(unit)}`).values()] as unknown as readonly (readonly [
    Unit,
    ...Unit[],
  ])[];

/** @returns the driver of a deployment in a cluster. */
export function driveKubernetes({ kubectl, units, images, database, namespace, within }: ByKubectl): Driver {
  const planned = new Map([...images].map(([image, inCluster]) => [inCluster, image]));
  /** How the plan calls an image: by the names that were given, or by its tag. */
  const plannedName = (image: string): string => planned.get(image) ?? image.replace(/@sha256:.*$/, "");
  const inCluster = (image: string): string => images.get(image) ?? image;
  const unitsOf = (names: readonly string[], side: Units): readonly Unit[] =>
    names.flatMap((name) => side.services.get(name) ?? []);
  const services = new Map([...units.from.services, ...units.to.services]);
  const namespaces = [...new Set([...services.values()].map((one) => one.namespace))];
  const objectsBefore = new Set(units.from.others.map(keyOf));

  async function each<T>(items: readonly T[], act: (item: T) => Promise<Result<unknown>>): Promise<Result<undefined>> {
    const results = await Promise.all(items.map(act));
    const wrong = results.flatMap((one) => (one.ok ? [] : one.diagnostics));
    return wrong.length > 0 ? failure(wrong) : success(undefined);
  }

  const apply = (objects: readonly unknown[]): Promise<Result<string>> =>
    // Whoever scaled or restarted something meanwhile by other means does not keep it from being replaced.
    kubectl.ask(
      ["apply", "--server-side", "--force-conflicts", "--filename", "-"],
      JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }),
    );

  async function listed<T>(what: string, where: readonly string[]): Promise<Result<readonly T[]>> {
    const asked = await kubectl.ask(["get", what, ...where, "--output", "json"]);
    return asked.ok ? success((JSON.parse(asked.value) as { readonly items: readonly T[] }).items) : asked;
  }

  const podStatus = async (unit: Unit): Promise<Result<PodObject | undefined>> => {
    const asked = await kubectl.ask([
      ...["get", "pod", podOf(unit), ...here(unit)],
      ...["--ignore-not-found", "--output", "json"],
    ]);
    if (!asked.ok) return asked;
    return success(asked.value.trim() === "" ? undefined : (JSON.parse(asked.value) as PodObject));
  };

  const statusOf = (pod: PodObject | undefined, { container }: Unit): ContainerStatus | undefined =>
    pod?.status?.containerStatuses?.find(({ name }) => name === container);

  /** How often a container in a pod that stays had been started when this upgrade came to it. */
  const startsBefore = new Map<string, number>();

  /** Does something by which containers of a pod start again, and waits until each is another one. */
  async function startedAgain(
    own: readonly [Unit, ...Unit[]],
    act: () => Promise<Result<unknown>>,
  ): Promise<Result<undefined>> {
    const [first] = own;
    const before = await podStatus(first);
    if (!before.ok) return before;
    const ids = new Map(own.map((unit) => [unit.container, statusOf(before.value, unit)?.containerID]));
    const done = await act();
    if (!done.ok) return done;
    const began = performance.now();
    for (;;) {
      const now = await podStatus(first);
      if (!now.ok) return now;
      const statuses = own.map((unit) => [unit, statusOf(now.value, unit)] as const);
      const isAnother = ([{ container }, status]: (typeof statuses)[number]): boolean =>
        status?.state.running !== undefined && status.containerID !== ids.get(container);
      if (statuses.every(isAnother)) {
        for (const [{ container }, status] of statuses)
          startsBefore.set(`${podOf(first)} ${container}`, status?.restartCount ?? 0);
        return success(undefined);
      }
      if (performance.now() - began > startedWithin) {
        const open = statuses.filter((one) => !isAnother(one));
        const reason = `not started again after ${startedWithin / 1000} s: ${open.map(([{ container }]) => container).join(", ")}`;
        return failure([clusterMessage("pod-command-failed", { pod: `${first.namespace}/${podOf(first)}`, reason })]);
      }
      await sleep(look);
    }
  }

  /**
   * Gives containers of a running pod their images, and the pod that comes after it, too
   * (https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement).
   */
  async function replaceInPod(own: readonly [Unit, ...Unit[]]): Promise<Result<undefined>> {
    const [first] = own;
    const asked = await kubectl.ask(["get", refOf(first), ...here(first), "--output", "json"]);
    if (!asked.ok) return asked;
    const live = JSON.parse(asked.value) as Runner;
    const wanted = new Map(own.map(({ container, image }) => [container, image]));
    const there = new Map(live.spec.template.spec.containers.map(({ name, image }) => [name, image]));
    const runner = first.runner as Runner;
    const containers = runner.spec.template.spec.containers.map((one) => ({
      ...one,
      image: wanted.get(one.name) ?? there.get(one.name) ?? one.image,
    }));
    const { template } = runner.spec;
    const applied = await apply([
      ...first.beside,
      { ...runner, spec: { ...runner.spec, template: { ...template, spec: { ...template.spec, containers } } } },
    ]);
    if (!applied.ok) return applied;
    const pod = await podStatus(first);
    if (!pod.ok) return pod;
    const others = own.filter(
      ({ container, image }) => pod.value?.spec.containers.find(({ name }) => name === container)?.image !== image,
    );
    const [other, ...rest] = others;
    if (!other) return success(undefined);
    const patch = { spec: { containers: others.map(({ container, image }) => ({ name: container, image })) } };
    const words = ["patch", "pod", podOf(first), ...here(first), "--type", "strategic"];
    return startedAgain([other, ...rest], () => kubectl.ask([...words, "--patch", JSON.stringify(patch)]));
  }

  async function stopPods(unit: Unit): Promise<Result<unknown>> {
    const scaled = await kubectl.ask(["scale", "--replicas=0", refOf(unit), ...here(unit)]);
    if (!scaled.ok) return scaled;
    return kubectl.ask(["wait", "--for=delete", "--timeout=300s", "pods", ...selected(unit)]);
  }

  async function unreadyInPod(name: string, unit: Unit): Promise<Unready | undefined> {
    const pod = await podStatus(unit);
    if (!pod.ok) return { reason: pod.diagnostics.map(({ what }) => what).join("; "), restarts: 0 };
    const status = statusOf(pod.value, unit);
    if (!status) return { reason: `the pod ${podOf(unit)} has no container ${unit.container}`, restarts: 0 };
    const key = `${podOf(unit)} ${unit.container}`;
    const before = startsBefore.get(key) ?? status.restartCount;
    startsBefore.set(key, before);
    const { waiting, terminated, running } = status.state;
    const restarts = status.restartCount - before;
    if (!running) {
      const reason = waiting?.message ?? waiting?.reason ?? (terminated ? `it ended with ${terminated.exitCode}` : "");
      return { reason: reason || `${name} does not serve yet`, restarts };
    }
    // Not what kubelet says: for a moment after a restart that is still what it said of the container before.
    const question = ["/opt/plinth/bin/plinth", "healthcheck", "--ready", "--within", askedFor];
    const ran = await kubectl.run(execIn(podOf(unit), unit, question));
    if (ran.ok && ran.value.status === 0) return undefined;
    const said = ran.ok ? ran.value.stderr.split("\n").find((line) => line.trim() !== "") : undefined;
    return { reason: said ?? "its check does not answer", restarts };
  }

  async function unreadyRollout(unit: Unit): Promise<Unready | undefined> {
    const words = ["rollout", "status", refOf(unit), ...here(unit), `--timeout=${rolloutSeconds}s`];
    const ran = await kubectl.run(words);
    if (!ran.ok) return { reason: ran.diagnostics.map(({ what }) => what).join("; "), restarts: 0 };
    if (ran.value.status === 0) return undefined;
    const pods = await listed<PodObject>("pods", selected(unit));
    const waiting = (pods.ok ? pods.value : [])
      .flatMap(({ status }) => status?.containerStatuses ?? [])
      .filter(({ ready }) => !ready);
    const said = `${ran.value.stdout}\n${ran.value.stderr}`.split("\n").filter((line) => line.trim() !== "");
    const states = waiting.flatMap(({ name, state }) =>
      state.waiting?.reason ? [`${name}: ${state.waiting.reason}`] : [],
    );
    return {
      reason: [
        ...states,
        said.find((line) => /^Waiting|exceeded/.test(line)) ?? said.at(-1) ?? "it is not rolled out",
      ].join("; "),
      restarts: Math.max(0, ...waiting.map(({ restartCount }) => restartCount)),
    };
  }

  const server = (): Result<Unit> => {
    const unit = database === undefined ? undefined : services.get(database);
    return unit ? success(unit) : failure([driverMessage("database-elsewhere", {})]);
  };
  const inServer = (unit: Unit, command: readonly string[]): readonly string[] =>
    execIn(refOf(unit), unit, command, "--stdin");

  return {
    async absent(wanted) {
      const absent = await imagesAbsent(kubectl, namespace, wanted.map(inCluster), Math.max(within, 900_000));
      return absent.ok ? success(absent.value.map(plannedName)) : absent;
    },
    async look() {
      const found = new Map<string, Seen>();
      for (const one of namespaces) {
        const objects = await listed<Runner | PodObject>("deployments.apps,statefulsets.apps,pods", [
          "--namespace",
          one,
        ]);
        if (!objects.ok) return objects;
        const at = (kind: string, name: string) =>
          objects.value.find((object) => object.kind === kind && object.metadata.name === name);
        for (const [name, unit] of services) {
          if (unit.namespace !== one) continue;
          const pod = unit.inPod ? (at("Pod", podOf(unit)) as PodObject | undefined) : undefined;
          const runner = unit.inPod ? undefined : (at(unit.runner.kind, unit.name) as Runner | undefined);
          const spec = pod?.spec ?? runner?.spec.template.spec;
          const container = spec?.containers.find((own) => own.name === unit.container);
          if (!container) continue;
          const { running, waiting } = statusOf(pod, unit)?.state ?? {};
          const ended = pod ? (waiting?.reason ?? "exited") : "stopped";
          const runs = pod ? running !== undefined : runner?.spec.replicas !== 0;
          found.set(name, { name, image: plannedName(container.image), state: runs ? "running" : ended });
        }
      }
      return success(found);
    },
    async runJob(job) {
      const own = units[job.of].jobs.get(job.workload);
      if (!own) {
        const reason = "the manifests have no such job";
        return failure([clusterMessage("pod-command-failed", { pod: job.workload, reason })]);
      }
      // Without the policy of a job that only the newer release has, its pod would reach nothing.
      const missing = own.beside.filter((object) => !objectsBefore.has(keyOf(object)));
      const applied = missing.length > 0 ? await apply(missing) : success("");
      return applied.ok ? runJob(kubectl, own, job) : applied;
    },
    replace: (names, of) =>
      each(byRunner(unitsOf(names, units[of])), (own) =>
        own[0].inPod ? replaceInPod(own) : apply([...own[0].beside, own[0].runner]),
      ),
    restart: (names) =>
      each(byRunner(unitsOf(names, units.to)), async (own) => {
        const [first] = own;
        if (!first.inPod) return kubectl.ask(["rollout", "restart", refOf(first), ...here(first)]);
        return startedAgain(own, () =>
          each(own, (unit) => kubectl.ask(execIn(podOf(unit), unit, ["/bin/sh", "-c", endScript]))),
        );
      }),
    // A hypervisor's services are part of its pod, and stop with it.
    stop: (names) =>
      each(byRunner(unitsOf(names, units.from).filter(({ inPod }) => !inPod)), ([unit]) => stopPods(unit)),
    async remove(names) {
      const gone = names.flatMap((name) => services.get(name) ?? []).filter(({ inPod }) => !inPod);
      const stays = ({ namespace: own, name }: Unit, side: Units): boolean =>
        [...side.services.values()].some((one) => one.namespace === own && one.name === name);
      // Of a pod that both releases have, one container less is another pod already.
      const whole = gone.filter((unit) => !(stays(unit, units.from) && stays(unit, units.to)));
      return each(byRunner(whole), ([unit]) =>
        kubectl.ask(["delete", refOf(unit), ...here(unit), "--ignore-not-found"]),
      );
    },
    async unready(name) {
      const unit = services.get(name);
      if (!unit) return { reason: "the manifests have no such service", restarts: 0 };
      return unit.inPod ? unreadyInPod(name, unit) : unreadyRollout(unit);
    },
    // A pod that ends serves until every node has taken it out of its Services.
    noticed: async () => {},
    async lastWords(name) {
      const unit = services.get(name);
      if (!unit) return [];
      const which = unit.inPod ? [podOf(unit), ...here(unit)] : selected(unit);
      const ran = await kubectl.run(["logs", ...which, "--container", unit.container, "--tail", "12"]);
      return ran.ok ? lastLines(ran.value.stdout) : [];
    },
    async backUp(path) {
      const unit = server();
      if (!unit.ok) return unit;
      const { program, environment } = kubectl;
      if (!program.ok) return program;
      const { file, words } = program.value;
      return dumpTo({ program: file, words: [...words, ...inServer(unit.value, [])], environment }, path);
    },
    async schemas() {
      const unit = server();
      if (!unit.ok) return success(new Map());
      return revisionsIn((words) => kubectl.ask(inServer(unit.value, words)));
    },
    async schemasOf(image) {
      const command = ["/bin/sh", "-c", revisionsScript];
      // In a pod that runs it is done at once.
      const running = [...units.from.services.values()].find((unit) => !unit.inPod && unit.image === inCluster(image));
      const there = running && (await listed<PodObject>("pods", selected(running)));
      const pod = there?.ok
        ? there.value.find(
            (one) =>
              one.spec.containers.some((spec) => spec.image === inCluster(image)) &&
              statusOf(one, running as Unit)?.state.running,
          )
        : undefined;
      const asked =
        running && pod
          ? await kubectl.ask(execIn(pod.metadata.name, running, command))
          : await outputOf(kubectl, namespace, inCluster(image), command, within);
      return asked.ok ? success(readRevisions(asked.value)) : asked;
    },
    async settle(of) {
      const applied = await apply(units[of].others);
      return applied.ok ? success(undefined) : applied;
    },
    hold: (by, onWait) => hold(clusterByKubectl(kubectl), namespace, { by, within, onWait }),
  };
}
