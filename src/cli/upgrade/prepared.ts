import { join, resolve } from "node:path";
import { databaseServer } from "../../upgrade/commands.ts";
import type { Driver } from "../../upgrade/driver.ts";
import type { Plan } from "../../upgrade/plan.ts";
import { clusterOptions } from "../secrets.ts";
import { type Arguments, type Context, type Options, text, valueOrStatus } from "../verb.ts";
import { limitOf } from "../waiting.ts";
import { openCompose } from "./on-compose.ts";
import { openKubernetes } from "./on-kubernetes.ts";
import { type Planned, planned, plannedOptions } from "./planned.ts";

const usualSeconds = 300;

/** What the verbs take that change a cloud. */
export const carryOptions = {
  ...plannedOptions,
  project: {
    type: "string",
    describe: "The project of Docker Compose; the model's deploy_name by default",
  },
  directory: {
    type: "string",
    default: ".",
    describe:
      "The directory that the upgrade writes to, in its subdirectory upgrade; on Docker Compose that of the project's compose.yaml and secrets",
  },
  "project-directory": {
    type: "string",
    describe: "The directory that Compose resolves relative paths from; --directory by default",
  },
  engine: { type: "string", default: "docker", describe: "The container engine's command" },
  ...clusterOptions,
  images: {
    type: "string",
    describe:
      "On Kubernetes: a JSON file with the full names of the newer release's images, as plinth manifests takes it",
  },
  "from-images": { type: "string", describe: "The same of the release that the cloud has, for the way back" },
  timeout: {
    type: "string",
    default: String(usualSeconds),
    describe: "Seconds to wait for a container to serve, and for another upgrade's lock",
  },
} as const satisfies Options;

/** An upgrade that can be carried out. */
export type Prepared = {
  readonly plan: Plan;
  readonly driver: Driver;
  /** Where what the upgrade writes goes. */
  readonly directory: string;
  readonly readyTimeoutMs: number;
};

/** What it takes to open what drives a deployment. */
export type Opening = {
  readonly args: Arguments;
  readonly context: Context;
  readonly planned: Planned;
  readonly directory: string;
  /** Where what the upgrade writes goes. */
  readonly own: string;
  /** Milliseconds until somebody else's lock must be free. */
  readonly within: number;
  /** The service that runs MariaDB; undefined where the database is somebody else's. */
  readonly database: string | undefined;
};

export type Opened = { readonly value: Driver } | { readonly status: number };

const engines: Readonly<Record<Plan["engine"], (opening: Opening) => Opened>> = {
  compose: openCompose,
  kubernetes: openKubernetes,
};

/** Computes the plan, and opens what drives the deployment. */
export function prepare(
  args: Arguments,
  context: Context,
  verb: string,
): { readonly value: Prepared } | { readonly status: number } {
  const done = planned(args, context, verb);
  if ("status" in done) return done;
  const { plan } = done.value;
  const limit = valueOrStatus(limitOf(text(args, "timeout"), usualSeconds), context);
  if ("status" in limit) return limit;
  const directory = resolve(text(args, "directory") ?? ".");
  const own = join(directory, "upgrade");
  const database = databaseServer(done.value.before.deployment);
  const opening = { args, context, planned: done.value, directory, own, within: limit.value, database };
  const opened = engines[plan.engine](opening);
  if ("status" in opened) return opened;
  return { value: { plan, driver: opened.value, directory: own, readyTimeoutMs: limit.value } };
}
