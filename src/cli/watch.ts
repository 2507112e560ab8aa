import { spawn } from "node:child_process";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { identityFor } from "../host/accounts.ts";
import { textIfThere, writeWhole } from "../host/files.ts";
import { signalProcesses } from "../host/processes.ts";
import type { BakedService } from "../image/baked.ts";
import { filesAtHand } from "../image/services.ts";
import type { EtcdState } from "../overlay/etcd-settings.ts";
import { changedOptions } from "../render/changes.ts";
import { diffFiles } from "../render/diff.ts";
import { renderFiles, renderTraced } from "../render/render.ts";
import type { TracedFile } from "../render/rendered.ts";
import { secretValues } from "../settings/settings.ts";
import {
  etcdFor,
  imageOption,
  type Opened,
  openImage,
  rootOption,
  settingsFrom,
  tellStrayKeys,
  underRoot,
} from "./inputs.ts";
import { cliMessage } from "./messages.ts";
import { owned } from "./owned.ts";
import { findService } from "./services.ts";
import { type Arguments, type Context, settle, text, type Verb } from "./verb.ts";

/** What to do after files were rewritten. */
type Then = {
  readonly command: readonly string[];
  readonly signal: string | undefined;
  readonly process: string | undefined;
};

/** Runs a command with our own standard streams. Its failure is told, and the watching goes on. */
function runCommand(command: readonly string[], context: Context): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const [file = "", ...words] = command;
  const child = spawn(file, words, { stdio: "inherit" });
  const failed = (reason: string) => {
    context.report([cliMessage("command-failed", { command: file, reason })]);
    resolve();
  };
  child.on("error", (error) => failed(error.message));
  child.on("exit", (status, signal) => (status === 0 ? resolve() : failed(`ended with ${signal ?? status}`)));
  return promise;
}

async function act(then: Then, context: Context): Promise<void> {
  if (then.signal !== undefined && then.process !== undefined) {
    const count = signalProcesses(then.process, then.signal as NodeJS.Signals);
    if (count === 0) context.report([cliMessage("no-process", { process: then.process, signal: then.signal })]);
    else context.log.info({ processes: count }, `sent ${then.signal} to ${then.process}`);
  }
  if (then.command.length > 0) await runCommand(then.command, context);
}

/** Says what a change needs to take effect: oslo's mutable options a SIGHUP, all others a restart. */
function tellEffect(before: string, file: TracedFile, mutable: ReadonlySet<string>, context: Context): void {
  const changed = changedOptions(before, file);
  const restart = changed.filter((option) => !mutable.has(option));
  const facts = { path: file.path, changed };
  if (restart.length === 0) context.log.info(facts, `${file.path}: what changed takes effect with a SIGHUP`);
  else context.log.warn({ ...facts, restart }, `${file.path}: a restart is due for ${restart.join(", ")}`);
}

/** What is watched, and where its files are. */
type Watched = {
  readonly opened: Opened;
  readonly prefix: string;
  /** The service whose files they are; without one, those of all services that are given what they want. */
  readonly service: BakedService | undefined;
  readonly root: string | undefined;
  /** Group of the files. */
  readonly gid: number;
  /** Warnings that were given already. */
  readonly told: Set<string>;
};

/** Renders the state of etcd and rewrites what differs. @returns whether anything was rewritten. */
function apply({ opened, prefix, service, root, gid, told }: Watched, state: EtcdState, context: Context): boolean {
  const { image, details } = opened;
  const report = (diagnostics: readonly Diagnostic[]): false => {
    context.report(diagnostics);
    return false;
  };
  const resolved = settingsFrom(opened, { entries: state.entries, prefix }, context, service?.wants);
  if (!resolved.ok) return report(resolved.diagnostics);
  const news = resolved.warnings.filter(({ what }) => !told.has(what));
  for (const { what } of news) told.add(what);
  report(news);
  const files = service?.files ?? filesAtHand(image, resolved.value);
  const traced = renderTraced(image, resolved.value, files);
  if (!traced.ok) return report(traced.diagnostics);
  const rendered = renderFiles(image, resolved.value, files);
  if (!rendered.ok) return report(rendered.diagnostics);
  const before = traced.value.map((file) => textIfThere(underRoot(file.path, root)));
  const written = writeWhole(owned(rendered.value, gid, root));
  if (!written.ok) return report(written.diagnostics);
  const mutable = new Set(details().mutable);
  let changed = false;
  written.value.forEach(({ change }, index) => {
    const file = traced.value[index];
    if (change === "unchanged" || !file) return;
    changed = true;
    const old = before[index];
    context.print(diffFiles(old, file, secretValues(resolved.value)));
    if (old !== undefined) tellEffect(old, file, mutable, context);
  });
  return changed;
}

async function run(args: Arguments, context: Context): Promise<number> {
  const opened = settle(openImage(args, context), context);
  if ("status" in opened) return opened.status;
  const { image } = opened.value;
  const found = args._[0] === undefined ? undefined : settle(findService(image, args._[0]), context);
  if (found && "status" in found) return found.status;
  const etcd = settle(etcdFor(context), context);
  if ("status" in etcd) return etcd.status;
  if (etcd.value === undefined) return context.report([cliMessage("nothing-to-watch", {})]);
  const then: Then = { command: args["--"], signal: text(args, "signal"), process: text(args, "process") };
  if ((then.signal === undefined) !== (then.process === undefined)) {
    return context.report([cliMessage("usage", { problem: "--signal and --process go together", verb: "watch" })]);
  }
  const identity = settle(identityFor(text(args, "user"), image.account), context);
  if ("status" in identity) return identity.status;

  const [{ readOnce }, { watchEntries }] = await Promise.all([
    import("../host/etcd/gateway.ts"),
    import("../host/etcd/watch.ts"),
  ]);
  const settings = etcd.value;
  const watched: Watched = {
    opened: opened.value,
    prefix: settings.prefix,
    service: found?.value.service,
    root: text(args, "root"),
    gid: identity.value.gid,
    told: new Set(),
  };
  const first = settle(
    await readOnce(settings, image.image.name, { deadline: performance.now() + settings.timeoutMs }),
    context,
  );
  if ("status" in first) return first.status;
  await tellStrayKeys(settings, context);
  apply(watched, first.value, context);

  await watchEntries(settings, image.image.name, first.value, {
    signal: new AbortController().signal,
    async onChange(entries, revision) {
      context.log.info({ revision }, "etcd's keys changed");
      if (apply(watched, { entries, revision }, context)) await act(then, context);
    },
    onNotice(notice) {
      if (notice.state === "following") context.log.info({ revision: notice.revision }, `following ${notice.endpoint}`);
      else if (notice.state === "interrupted") context.log.warn(`etcd: ${notice.reason}; reading everything again`);
      else context.report(notice.diagnostics);
    },
  });
  return 0;
}

export const watch: Verb = {
  name: "watch",
  summary: "Follow etcd's keys: show what changes in the files, rewrite them, and run a command or send a signal",
  positional: "[service]",
  options: {
    ...imageOption,
    ...rootOption,
    user: {
      type: "string",
      describe: "The files' group is this user's instead of the image's account: NAME, UID, NAME:GROUP or UID:GID",
    },
    signal: {
      type: "string",
      choices: ["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGTERM"],
      describe: "Signal to send after a change",
    },
    process: { type: "string", describe: "Send it to the processes of this program" },
  },
  examples: [
    ["plinth watch conductor --signal SIGHUP --process nova-conductor", "beside the service, in its process namespace"],
    ["plinth watch api -- /usr/bin/touch /run/plinth/reload", "any command"],
  ],
  run,
};
