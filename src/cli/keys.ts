import { existsSync } from "node:fs";
import { join } from "node:path";
import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { isMountedSecret, keysIn, makeFirstKeys, newKey, rotateKeys } from "../host/keys.ts";
import type { Cluster } from "../host/kubernetes/api.ts";
import { openCluster } from "../host/kubernetes/cluster.ts";
import { readSecret, replaceSecret } from "../host/kubernetes/secrets.ts";
import { reasonOf } from "../host/process/accounts.ts";
import { rotateSecret } from "../secrets/keys.ts";
import { secretMessage } from "../secrets/messages.ts";
import { decode, encode, flawOf, isSame, placeOf } from "../secrets/object.ts";
import type { Rotated, Rotation } from "../secrets/rotation.ts";
import { cliMessage } from "./messages.ts";
import { clusterOptions } from "./secrets.ts";
import { type Arguments, type Context, text, type Verb, valueOrStatus } from "./verb.ts";

function makeIn(directory: string, log: Context["log"]): void {
  const there = existsSync(join(directory, "0"));
  const made = !there && makeFirstKeys(directory);
  log.info(
    made ? `keys made in ${directory}` : `${directory} has keys${there ? "" : " by now, made by somebody else"}`,
  );
}

/** Says what came of a rotation. `what` is the directory or the Secret. */
function tell(what: string, rotated: Rotated, { lifetimeMs, settleMs }: Rotation, log: Context["log"]): void {
  if ("primary" in rotated) {
    log.info(`${what} rotated: key ${rotated.primary} is primary`);
    return;
  }
  if ("unsettled" in rotated) {
    const { stagedMs } = rotated.unsettled;
    log.warn(
      `${what} not rotated: key 0 was staged ${Math.round(stagedMs / 1000)} s ago, and it takes ${settleMs / 1000} s until ` +
        "every pod has it. Rotate less often",
    );
    return;
  }
  const { key, signedMs } = rotated.early;
  log.warn(
    `${what} not rotated: key ${key} would go, which was in use until ${Math.round(signedMs / 1000)} s ago, and what it ` +
      `signed lives for ${lifetimeMs / 1000} s. Rotate less often, or keep more keys (tokens.max_active_keys)`,
  );
}

/**
 * kubelet brings a change into the pods that mount a Secret at its next round, a minute apart, and what its cache may be late
 * (https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod).
 */
const settleMs = 300_000;

/** How often a Secret that somebody else changes at the same time is tried. */
const attempts = 5;

/**
 * Rotates the keys in a Secret. An update names the version that it was made from, so that of two at a time one is refused and
 * looks again: no key is lost.
 *
 * @param directory where it is mounted, which then must have the keys that the Secret has.
 */
async function rotateSecretAt(
  cluster: Cluster,
  name: { readonly namespace: string; readonly name: string },
  directory: string | undefined,
  rotation: Rotation,
  context: Context,
): Promise<Result<Rotated>> {
  const at = placeOf(name.namespace, name.name);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const read = await readSecret(cluster, name);
    if (!read.ok) return read;
    const secret = read.value;
    if (secret === undefined) return failure([secretMessage("keys-secret-missing", { at })]);
    const data = secret.data ?? {};
    context.protect(Object.values(data).flatMap((base64) => [base64, decode(base64)]));
    // A rotation brings a staged key that is missing.
    const flaw = flawOf({ holds: { kind: "keys" } }, { ...secret, data: { "0": encode(newKey()), ...data } });
    if (flaw !== undefined) return failure([secretMessage("secret-unusable", { at, flaw, holds: "keys" })]);
    if (secret.immutable === true) return failure([secretMessage("keys-secret-immutable", { at })]);
    if (directory !== undefined) {
      const mounted = Object.entries(keysIn(directory)).map(([key, text]) => [key, encode(text)]);
      if (!isSame(Object.fromEntries(mounted), data))
        return failure([secretMessage("keys-mount-old", { at, directory })]);
    }
    const rotated = rotateSecret(secret, rotation, newKey(), Date.now());
    if (!("secret" in rotated)) return success(rotated);
    const replaced = await replaceSecret(cluster, rotated.secret);
    if (!replaced.ok) return replaced;
    if (replaced.value) return success({ primary: rotated.primary });
  }
  return failure([secretMessage("keys-contended", { at, times: attempts })]);
}

/** @returns a number of at least `least` that is written in digits, or undefined. */
function wholeNumber(args: Arguments, name: string, least: number): number | undefined {
  const value = Number(/^\d{1,12}$/.exec(text(args, name) ?? "")?.[0] ?? -1);
  return value >= least ? value : undefined;
}

/** Rotates the Secret that `--secret` names. */
async function runOnSecret(given: string, rotation: Rotation, args: Arguments, context: Context): Promise<number> {
  const which = { context: text(args, "context"), kubeconfig: text(args, "kubeconfig") };
  const { cluster, namespace: own } = openCluster(which, context.environment, context.passed);
  const [, namespace = own, name = ""] = /^(?:([^/]+)\/)?([^/]+)$/.exec(given) ?? [];
  if (namespace === undefined || name === "") return context.report([cliMessage("secret-unclear", { given })]);
  const settling = { ...rotation, settleMs };
  const rotated = valueOrStatus(
    await rotateSecretAt(cluster, { namespace, name }, args._[0], settling, context),
    context,
  );
  if ("status" in rotated) return rotated.status;
  tell(`the Secret ${placeOf(namespace, name)}`, rotated.value, settling, context.log);
  return 0;
}

async function run(args: Arguments, context: Context): Promise<number> {
  const [keep, seconds] = [wholeNumber(args, "keep", 2), wholeNumber(args, "lifetime", 0)];
  const [rotates, secret, directories] = [args["rotate"] === true, text(args, "secret"), args._];
  if (rotates && (keep === undefined || seconds === undefined)) {
    return context.report([cliMessage("rotation-unclear", {})]);
  }
  const unclear = secret === undefined ? directories.length === 0 : !rotates || directories.length > 1;
  if (unclear) return context.report([cliMessage("keys-of-what", { secret })]);
  const rotation = { keep: keep ?? 0, lifetimeMs: (seconds ?? 0) * 1000, settleMs: 0 };
  if (secret !== undefined && directories.every(isMountedSecret)) return runOnSecret(secret, rotation, args, context);
  for (const directory of directories) {
    try {
      if (rotates) tell(directory, rotateKeys(directory, rotation, Date.now()), rotation, context.log);
      else makeIn(directory, context.log);
    } catch (error) {
      return context.report([cliMessage("keys-unwritten", { directory, reason: reasonOf(error) })]);
    }
  }
  return 0;
}

export const keys: Verb = {
  name: "keys",
  summary:
    "Make the first keys of keystone's repositories, where there are none, or rotate them; harmless when repeated",
  positional: "[directories..]",
  options: {
    rotate: {
      type: "boolean",
      default: false,
      describe: "Make the staged key primary, unless that would end valid tokens",
    },
    keep: { type: "string", describe: "With --rotate: how many keys stay" },
    lifetime: { type: "string", describe: "With --rotate: seconds that a token lives" },
    secret: {
      type: "string",
      describe:
        "With --rotate: the Secret of Kubernetes ([NAMESPACE/]NAME) to rotate; of a directory that is not a mounted Secret, the directory",
    },
    ...clusterOptions,
  },
  examples: [
    ["plinth keys /var/lib/keystone/fernet-keys", "what keystone-server's job keys runs"],
    ["plinth keys --rotate --keep 3 --lifetime 43200 /var/lib/keystone/fernet-keys", "rotates the keys in a directory"],
    [
      "plinth keys --rotate --keep 3 --lifetime 43200 --secret plinth/keystone-fernet-keys",
      "rotates those of a cluster",
    ],
  ],
  run,
};
