import { execFile, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Deployment } from "../stack/deployment.ts";
import { buildMissing, imageFor } from "../stack/images.ts";

/** Brings a deployment's images to where the cluster's nodes find them. */

const run = promisify(execFile);
const say = (text: string): boolean => process.stderr.write(`${text}\n`);

/** An image as it was brought there: the engine's id of it, and what pods call it. */
type Published = { readonly id: string; readonly reference: string };

/** Images by their names: `nova-controller`. */
type Brought = Readonly<{ [name: string]: Published }>;

/** Each release's by itself: an upgrade has pods of both. */
const recordPath = ({ directory, release }: Deployment): string => join(directory, `published-${release}.json`);

const readRecord = (path: string): Brought =>
  existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Brought) : {};

/** @returns what pods call the images of a release that were brought to the cluster from here, by their names. */
export const referencesOf = (deployment: Deployment): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(readRecord(recordPath(deployment))).map(([name, { reference }]) => [name, reference]),
  );

/** Pushes that go on at once: more of them only share the same network and processors. */
const atOnce = 2;

/** @returns the engine's id of an image: it changes with every byte of it. */
async function idOf({ engine }: Deployment, image: string): Promise<string> {
  const { stdout } = await run(engine, ["image", "inspect", "--format", "{{.Id}}", image]);
  return stdout.trim();
}

/** Pushes an image to its registry. @returns its reference by digest, which no later push changes. */
async function push({ engine }: Deployment, image: string): Promise<string> {
  const { stdout } = await run(engine, ["push", image], { maxBuffer: 1 << 26 });
  const [, digest] = /digest: (sha256:[0-9a-f]{64})/.exec(stdout) ?? [];
  if (digest === undefined) throw new Error(`${engine} push ${image} told no digest: ${stdout.slice(-300)}`);
  return `${image}@${digest}`;
}

/**
 * Hands images over to a command that brings them to the nodes, as `kind load docker-image` does. A tag of its own for each
 * version stands for the digest that only a registry gives: pods are replaced where their image has changed.
 */
async function load(deployment: Deployment, command: string, images: ReadonlyMap<string, string>): Promise<void> {
  for (const [image, reference] of images) await run(deployment.engine, ["tag", image, reference]);
  const status = await new Promise((settle, reject) => {
    const child = spawn("sh", ["-c", `${command} "$@"`, "sh", ...images.values()], { stdio: ["ignore", 2, 2] });
    child.once("error", reject);
    child.once("close", settle);
  });
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
}

export type Publishing =
  | {
      readonly ok: true;
      /** What pods call each image, by its name; empty where nobody brings them to the nodes. */
      readonly references: Readonly<Record<string, string>>;
      /** Those that were not there yet. */
      readonly brought: readonly string[];
      readonly seconds: number;
    }
  | { readonly ok: false; readonly status: number; readonly problem: string };

/**
 * Builds what this machine has not got, and brings what has changed to the registry of the model; or, where LOAD_IMAGES says a
 * command, to the nodes by that. PUSH=1 brings all of them again.
 *
 * @param names of images, such as nova-controller.
 */
export async function publish(deployment: Deployment, names: readonly string[]): Promise<Publishing> {
  const { registry, environment, release } = deployment;
  const built = buildMissing(deployment, names);
  if (built !== 0) return { ok: false, status: built, problem: "the images were not built" };
  const loader = environment["LOAD_IMAGES"] ?? "";
  if (registry === undefined && loader === "") {
    say(
      "no registry is said (REGISTRY=host:5000, or _param:registry in the model), and no LOAD_IMAGES: the images must be on the nodes",
    );
    return { ok: true, references: {}, brought: [], seconds: 0 };
  }
  const began = performance.now();
  const file = recordPath(deployment);
  const before: Brought = environment["PUSH"] ? {} : readRecord(file);
  const ids = await Promise.all(
    names.map(async (name) => [name, await idOf(deployment, imageFor(deployment, name))] as const),
  );
  const there = (name: string, id: string): boolean =>
    before[name]?.id === id && before[name].reference.startsWith(imageFor(deployment, name));
  const missing = ids.filter(([name, id]) => !there(name, id));
  const now: Record<string, Published> = { ...before };
  const keep = (): void => writeFileSync(file, `${JSON.stringify(now, undefined, 2)}\n`);
  try {
    if (loader !== "") {
      const tagged = missing.map(([name, id]) => {
        const image = imageFor(deployment, name);
        const reference = `${image}-${id.replace(/^sha256:/, "").slice(0, 12)}`;
        now[name] = { id, reference };
        return [image, reference] as const;
      });
      if (tagged.length > 0) await load(deployment, loader, new Map(tagged));
      keep();
    } else {
      const queue = [...missing];
      const worker = async (): Promise<void> => {
        for (let next = queue.shift(); next; next = queue.shift()) {
          const [name, id] = next;
          now[name] = { id, reference: await push(deployment, imageFor(deployment, name)) };
          keep();
        }
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
    }
  } catch (error) {
    const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
    const said = (stderr || message).trim().split("\n").slice(-4).join("\n");
    return { ok: false, status: 75, problem: `the images of ${release} were not brought to the cluster:\n${said}` };
  }
  const seconds = (performance.now() - began) / 1000;
  const brought = missing.map(([name]) => name);
  const references = Object.fromEntries(
    names.map((name) => [name, now[name]?.reference ?? imageFor(deployment, name)]),
  );
  return { ok: true, references, brought, seconds };
}
