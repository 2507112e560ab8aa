import { dirname, join } from "node:path";
import type { BakedImage } from "../baked/baked.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { dropInDirectory } from "../handover/drop-ins.ts";
import { planHandOver } from "../handover/plan.ts";
import { now } from "../host/clock.ts";
import { checkDirectories, makeDirectories } from "../host/directories.ts";
import { dropInsIn } from "../host/drop-ins.ts";
import { type Written, writeWhole } from "../host/files.ts";
import { questionOf, questionPath } from "../host/health/question.ts";
import { openKernelSettings, setKernelSettings } from "../host/kernel-settings.ts";
import { namespaceDirectory, removeLostNamespaces } from "../host/network-namespaces.ts";
import { makePrivate } from "../host/private-file.ts";
import { identityFor, ownHome } from "../host/process/accounts.ts";
import { exec, switchTo } from "../host/process/exec.ts";
import { findProgram } from "../host/process/program.ts";
import { leaveTerminationMessage } from "../host/process/termination.ts";
import { renderFiles } from "../render/render.ts";
import { imageOption, imagePath, openImage, resolveSettings, rootOption, underRoot } from "./inputs.ts";
import { owned } from "./owned.ts";
import { findService } from "./services.ts";
import { type Arguments, type Context, type Options, text, type Verb } from "./verb.ts";
import { timeoutOption, waitDeadline, waitFor } from "./waiting.ts";

export const startOptions = {
  ...imageOption,
  ...rootOption,
  user: { type: "string", describe: "Become this user instead of the image's: NAME, UID, NAME:GROUP or UID:GID" },
  wait: { type: "boolean", default: true, describe: "Wait for what the service needs (--no-wait: do not)" },
  ...timeoutOption,
  "keep-secrets": { type: "boolean", default: false, describe: "Leave secrets in the service's environment" },
} as const satisfies Options;

/** What an image can become, a line each. */
const serviceList = (image: BakedImage): string =>
  Object.entries(image.services)
    .map(([name, { kind, doc }]) => `${name.padEnd(24)}${kind.padEnd(9)}${doc}`)
    .join("\n");

/**
 * Becomes a program that is no service of the image, as `docker run IMAGE bash` means it: with the container's user and
 * environment as they are, nothing rendered, nothing awaited.
 *
 * @param words after `start`. @returns only where they are to be read as a service and options.
 */
export async function execUnlessService(words: readonly string[], context: Context): Promise<void> {
  const [word] = words;
  if (word === undefined || word.startsWith("-")) return;
  const opened = openImage({ _: [], "--": [] }, context);
  if (opened.ok && Object.hasOwn(opened.value.image.services, word)) return;
  const program = findProgram(words, context.passed, word);
  if ("file" in program) await exec(program.file, { command: words, environment: context.passed });
}

async function run(args: Arguments, context: Context): Promise<number> {
  const fail = (diagnostics: readonly Diagnostic[]): number => {
    leaveTerminationMessage(diagnostics, context.redact.ours);
    return context.report(diagnostics);
  };
  const opened = openImage(args, context);
  if (!opened.ok) return fail(opened.diagnostics);
  const { image } = opened.value;

  const found = findService(image, args._[0]);
  if (!found.ok) {
    await execUnlessService([...args._, ...args["--"]], context);
    if (args._[0] === undefined) context.print(serviceList(image));
    return fail(found.diagnostics);
  }
  const { name, service } = found.value;

  const began = now();
  const resolved = await resolveSettings(opened.value, context, service.requiredPaths);
  if (!resolved.ok) return fail(resolved.diagnostics);
  const resolvedAt = now();
  let settings = resolved.value;
  if (resolved.warnings.length > 0) context.report(resolved.warnings);

  let waitedMs = 0;
  if (service.addresses) {
    // Before anything is rendered, and with --no-wait, too, for a moment: with a name in its files the service cannot work.
    const { namesIn, waitForAddresses } = await import("./addressing.ts");
    const names = namesIn([service], settings);
    if (names.size > 0) {
      const timeout = args["wait"] === false ? "5" : text(args, "timeout");
      const addressed = await waitForAddresses(image, names, settings, timeout, context);
      if (!addressed.ok) return fail(addressed.diagnostics);
      ({ settings, waitedMs } = addressed.value);
    }
  }

  const rendered = renderFiles(image, settings, service.files);
  if (!rendered.ok) return fail(rendered.diagnostics);

  const identity = identityFor(text(args, "user"), image.account);
  if (!identity.ok) return fail(identity.diagnostics);
  const { gid } = identity.value;
  const root = text(args, "root");

  const { directories = [], sysctls, changesKernel, makesNamespaces } = service;
  const reasons = makeDirectories(directories, identity.value, root);
  if (sysctls) context.report(setKernelSettings(sysctls));
  const closed = changesKernel ? await openKernelSettings() : undefined;
  if (closed) return fail([closed]);
  if (makesNamespaces) context.report(removeLostNamespaces(underRoot(namespaceDirectory, root), makesNamespaces));

  const written = writeWhole(owned(rendered.value, gid, root));
  if (!written.ok) return fail(written.diagnostics);

  const writtenAt = now();
  if (service.health) {
    // For later health checks. Where this one file cannot be written they resolve the settings again, so it may fail.
    const question = JSON.stringify(questionOf(service.health, service.needs, settings));
    // It holds what the service's own files hold, passwords included, so it is kept as they are.
    const path = underRoot(questionPath(name), root);
    writeWhole([{ path, text: question, mode: 0o640, owner: { uid: 0, gid } }]);
  }

  const home = ownHome(context.environment["HOME"]);
  // Before waiting: what talks to the network need not be root, and what can be known to fail should fail now.
  const keepsRoot = service.keepsRoot === true && text(args, "user") === undefined && args["--"].length === 0;
  const switched = keepsRoot
    ? { home: identity.value.home }
    : switchTo(identity.value, text(args, "user") ?? image.account.user);
  if ("problem" in switched) return fail([switched.problem]);
  if (switched.warning) context.report([switched.warning]);
  const denied = checkDirectories(directories, identity.value, reasons, root);
  if (denied.some(({ severity }) => severity === "error")) return fail(denied);
  if (denied.length > 0) context.report(denied);
  const open = (service.privateFiles ?? []).flatMap((path) => makePrivate(underRoot(path, root)) ?? []);
  if (open.length > 0) return fail(open);
  const keepSecrets = args["keep-secrets"] === true;
  const directory = dropInDirectory(image.image.component);
  const dropIns = service.files.some(({ dialect }) => dialect === "oslo") ? dropInsIn(underRoot(directory, root)) : [];
  // Whoever looks for the reason of what a service does must find it: the model does not know of these.
  if (dropIns.length > 0)
    context.log.warn({ files: dropIns }, `drop-in files count more than the model: ${dropIns.join(", ")}`);
  const read = dropIns.length > 0 ? directory : undefined;
  const plan = planHandOver(service, settings, context.passed, home ?? switched.home, args["--"], keepSecrets, read);
  let program = findProgram(plan.command, plan.environment, name);
  if ("problem" in program) return fail([program.problem]);

  if (args["wait"] !== false) {
    const waited = await waitFor(image, service, settings, text(args, "timeout"), context, waitedMs);
    if (!waited.ok) return fail(waited.diagnostics);
    waitedMs += waited.value;
    // Time has passed, and execve on a file that is gone by now would abort.
    program = findProgram(plan.command, plan.environment, name);
    if ("problem" in program) return fail([program.problem]);
  }

  const files = written.value.map(
    ({ path, change }: Written) => `${path}${change === "unchanged" ? " (unchanged)" : ""}`,
  );
  // What `plinth timeline` draws: times in milliseconds, `began` when this process did.
  const facts = {
    service: name,
    image: image.image.name,
    release: image.image.release,
    kind: service.kind,
    files,
    began: new Date(Date.now() - now()).toISOString(),
    boot_ms: Math.round(began),
    resolve_ms: Math.round(resolvedAt - began),
    render_ms: Math.round(writtenAt - resolvedAt),
    waited_ms: Math.round(waitedMs),
  };
  context.log.info(facts, `becoming ${image.image.name} ${name}`);
  const { lock } = service;
  if (lock === undefined || args["--"].length > 0) return exec(program.file, plan);
  const within = waitDeadline(text(args, "timeout"), image.wait.timeout, context);
  if (!within.ok) return fail(within.diagnostics);
  const { runJob } = await import("./job.ts");
  const schemas = join(dirname(imagePath(args, context)), "schema");
  const ready = { file: program.file, plan, within: within.value, schemas };
  const ended = await runJob({ ...service, lock }, settings, ready, context.log);
  return ended.ok ? ended.value : fail(ended.diagnostics);
}

export const start: Verb = {
  name: "start",
  summary: "Render the service's files, wait for what it needs, become it",
  positional: "[service]",
  options: startOptions,
  examples: [
    ["plinth start conductor", "what an image's ENTRYPOINT does"],
    ["plinth start api -- nova-manage cell_v2 list_cells", "another command in the same surroundings"],
  ],
  run,
};
