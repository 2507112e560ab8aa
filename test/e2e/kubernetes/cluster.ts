import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { clusterDeployment, namespacesOf } from "../../../scripts/kubernetes/deployment.ts";
import { list, mustKubectl } from "../../../scripts/kubernetes/kubectl.ts";
import type { WorkloadObject } from "../../../scripts/kubernetes/objects.ts";
import { openOf, ownerOf, type PodObject } from "../../../scripts/kubernetes/progress.ts";
import { examineCloud } from "../../../scripts/stack/cloud.ts";
import { secret } from "../../../scripts/stack/deployment.ts";
import { type Endpoints, readEndpoints } from "../../../scripts/stack/endpoints.ts";
import { openText } from "../../../scripts/stack/progress.ts";
import { setLine as setLineOf } from "../../support/deployment.ts";

/** The deployment under test: a copy of the project's model with two hypervisors, in the cluster of KUBECONFIG. */

export const hypervisors = ["compute-1", "compute-2"];

const model = "build/e2e-kubernetes/model";

export const environment = {
  ...process.env,
  MODEL: model,
  DEPLOY_NAME: process.env["DEPLOY_NAME"] || "plinth-e2e",
};

/** Says a parameter of it otherwise. */
export const setLine = (parameter: string, value: string): void => setLineOf(model, parameter, value);

/** The storage class of a file system that several nodes have at once: without one, glance cannot have replicas. */
export const sharedClass = process.env["SHARED_CLASS"] ?? "";

/** Has a model's glance keep its images in a volume that is shared. */
export function shareImages(directory: string, storageClass: string): void {
  const storage = `parameters:\n  _workload:\n    storage:\n      images: {class: ${storageClass}, shared: true}\n`;
  appendFileSync(join(directory, "nodes/glance-server.yml"), storage);
}

/** Lays the model again. */
export function layModel(): void {
  rmSync(model, { recursive: true, force: true });
  mkdirSync(model, { recursive: true });
  cpSync("model", model, { recursive: true });
  setLine("hypervisors", `[${hypervisors.join(", ")}]`);
  if (sharedClass !== "") shareImages(model, sharedClass);
  const git = (...words: string[]): void =>
    void execFileSync("git", ["-C", model, "-c", "user.name=e2e", "-c", "user.email=e2e@example.com", ...words]);
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", "the model as it is deployed");
}

/** As `make images SINCE=HEAD`: builds what the model's change since its commit changes. */
export function buildChanged(): void {
  const { release, deployName, registry } = deployment;
  const words = ["--model", model, "--since", "HEAD", "--release", release, "--deploy-name", deployName];
  execFileSync(process.execPath, ["images/build.ts", ...words, ...(registry ? ["--registry", registry] : [])], {
    stdio: ["ignore", 2, 2],
  });
}

layModel();
export const deployment = clusterDeployment(environment);
export const [control = "", guests = ""] = namespacesOf(deployment);

/** Runs one of scripts/kubernetes as make does. @returns its lines. Rejects where it does not end with 0. */
export const script = (name: string, more: Readonly<Record<string, string>> = {}): Promise<readonly string[]> =>
  new Promise((settle, reject) => {
    const child = spawn(process.execPath, [`scripts/kubernetes/${name}.ts`], {
      env: { ...environment, ...more },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream as Readable }).on("line", (text) => {
        process.stderr.write(`${text}\n`);
        lines.push(text);
      });
    }
    child.once("error", reject);
    child.once("close", (status) =>
      status === 0 ? settle(lines) : reject(new Error(`scripts/kubernetes/${name}.ts ended with ${status}`)),
    );
  });

/** What `make kubernetes-up` left of its last run. */
export type Up = {
  /** When the manifests were applied: ISO 8601. */
  readonly started: string;
  readonly works_after_s: number;
  readonly servers_after_s: number;
  readonly images_brought: number;
  readonly rolled_pods: Readonly<Record<string, number>>;
  readonly replaced_containers: Readonly<Record<string, readonly string[]>>;
};

/** As `make kubernetes-up`: what is in the way is told first. */
export async function up(): Promise<Up> {
  await script("before");
  await script("up");
  return JSON.parse(readFileSync(join(deployment.directory, "up.json"), "utf8")) as Up;
}

export const endpoints = (): Endpoints => readEndpoints(deployment.directory);
export const password = (): string => secret(deployment, "admin");

/** Pods of services in both namespaces; those of jobs end by themselves. */
export async function pods(): Promise<readonly PodObject[]> {
  const all = await Promise.all([control, guests].map((one) => list<PodObject>("pods", ["--namespace", one])));
  return all
    .flat()
    .filter(({ metadata: { ownerReferences = [] } }) => ownerReferences.every(({ kind }) => kind !== "Job"));
}

async function workloads(): Promise<readonly WorkloadObject[]> {
  const all = await Promise.all(
    [control, guests].map((one) => list<WorkloadObject>("deployments,statefulsets", ["--namespace", one])),
  );
  return all.flat();
}

/** Why the cloud does not work, in a line; undefined where it does. */
async function problem(faults: () => Promise<ReadonlyMap<string, string>>): Promise<string | undefined> {
  const [objects, all] = await Promise.all([workloads(), pods()]);
  const open = openOf(objects, all);
  if (open.length > 0) return openText(open);
  const wrong = await faults();
  return wrong.size === 0 ? undefined : [...wrong].map(([part, why]) => `${part} (${why})`).join(", ");
}

/** Seconds until the cloud works again: twice in a row. Throws with what does not, where it takes too long. */
export async function healed(within: number): Promise<number> {
  const began = performance.now();
  const faults = examineCloud(password(), endpoints());
  let since: number | undefined;
  for (;;) {
    const at = performance.now();
    const wrong = await problem(faults).catch((error: Error) => error.message);
    if (wrong === undefined && since !== undefined) return Math.round((since - began) / 100) / 10;
    since = wrong === undefined ? at : undefined;
    if (wrong !== undefined && at - began > within * 1000) throw new Error(`after ${within} s: ${wrong}`);
    await sleep(1000);
  }
}

/** Waits until a pod is gone, and what it belongs to has all of its pods again. Throws where that takes too long. */
export async function replaced({ metadata, ...pod }: PodObject, within = 180): Promise<void> {
  const deadline = performance.now() + within * 1000;
  const owner = ownerOf({ metadata, ...pod });
  for (;;) {
    const [objects, all] = await Promise.all([workloads(), pods()]);
    const own = objects.filter((one) => `${one.kind}/${one.metadata.name}` === owner);
    const open = openOf(own, all);
    if (open.length === 0 && !all.some((one) => one.metadata.uid === metadata.uid)) return;
    if (performance.now() > deadline) throw new Error(`after ${within} s without ${metadata.name}: ${openText(open)}`);
    await sleep(500);
  }
}

/** Runs a command in a container. @returns its standard output. */
export const exec = (namespace: string, pod: string, container: string, words: readonly string[]): Promise<string> =>
  mustKubectl(["exec", "--namespace", namespace, pod, "--container", container, "--", ...words]);
