import type { BakedService } from "../baked/baked.ts";
import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { textIfThere, writeWhole } from "../host/files.ts";
import { identityFor } from "../host/process/accounts.ts";
import { signalNamed, signalNames } from "../host/process/signal-names.ts";
import { watchFiles } from "../host/watch-files.ts";
import { filesAtHand, filesOf } from "../image/services.ts";
import type { EtcdState } from "../overlay/etcd-settings.ts";
import { own, type VariableName } from "../overlay/variables.ts";
import { changedOptions } from "../render/changes.ts";
import { diffFiles } from "../render/diff.ts";
import { renderFiles, renderTraced } from "../render/render.ts";
import type { TracedFile } from "../render/rendered.ts";
import { namesOf } from "../settings/fill.ts";
import { secretValues } from "../settings/settings.ts";
import { lookUpOnce, namesIn } from "./addressing.ts";
import { type AfterChange, runAfterChange } from "./after-change.ts";
import { etcdFor, imageOption, type Opened, openImage, rootOption, settingsFrom, underRoot } from "./inputs.ts";
import { cliMessage } from "./messages.ts";
import { owned } from "./owned.ts";
import { findService } from "./services.ts";
import { warnOfStrayKeys } from "./stray-keys.ts";
import { type Arguments, type Context, text, type Verb, valueOrStatus } from "./verb.ts";
import { limitOf } from "./waiting.ts";

/** Seconds that a command may take. */
const usualSeconds = 60;

/** Node takes a longer timer for none (milliseconds). */
const longestTimer = 2 ** 31 - 1;

/** The variables that name files with which etcd is asked. */
const etcdFiles: readonly VariableName[] = [
  "PLINTH_ETCD_PASSWORD_FILE",
  "PLINTH_ETCD_CA",
  "PLINTH_ETCD_CERT",
  "PLINTH_ETCD_KEY",
];

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
  /** Of etcd's keys; undefined without etcd. */
  readonly prefix: string | undefined;
  /** The service whose files they are; without one, those of all services that are given what they want. */
  readonly service: BakedService | undefined;
  readonly root: string | undefined;
  /** Group of the files. */
  readonly gid: number;
  /** Warnings that were given already. */
  readonly told: Set<string>;
};

/**
 * Renders the state of etcd, with files and environment as they are now, and rewrites what differs.
 *
 * @returns whether a file is another one now; one that was not there yet concerns nobody who runs.
 */
async function apply(
  { opened, prefix, service, root, gid, told }: Watched,
  state: EtcdState,
  context: Context,
): Promise<boolean> {
  const { image, details } = opened;
  const report = (diagnostics: readonly Diagnostic[]): false => {
    context.report(diagnostics);
    return false;
  };
  const resolved = settingsFrom(
    opened,
    prefix === undefined ? undefined : { ...state, prefix },
    context,
    service?.requiredPaths,
  );
  if (!resolved.ok) return report(resolved.diagnostics);
  const news = resolved.warnings.filter(({ what }) => !told.has(what));
  for (const { what } of news) told.add(what);
  report(news);
  const names = namesIn(service ? [service] : Object.values(image.services), resolved.value);
  const lookedUp = await lookUpOnce(names, resolved.value);
  // Files with addresses in them stay as they are until there are addresses again.
  if (!lookedUp.ok || lookedUp.warnings.length > 0) {
    return report(lookedUp.ok ? lookedUp.warnings : lookedUp.diagnostics);
  }
  const settings = lookedUp.value;
  const files = service?.files ?? filesAtHand(image, settings);
  const traced = renderTraced(image, settings, files);
  if (!traced.ok) return report(traced.diagnostics);
  const rendered = renderFiles(image, settings, files);
  if (!rendered.ok) return report(rendered.diagnostics);
  const before = traced.value.map((file) => textIfThere(underRoot(file.path, root)));
  const written = writeWhole(owned(rendered.value, gid, root));
  if (!written.ok) return report(written.diagnostics);
  const mutable = new Set(details().mutable);
  let changed = false;
  written.value.forEach(({ change }, index) => {
    const file = traced.value[index];
    if (change === "unchanged" || !file) return;
    const old = before[index];
    changed ||= old !== undefined;
    context.print(diffFiles(old, file, secretValues(settings)));
    if (old !== undefined) tellEffect(old, file, mutable, context);
  });
  return changed;
}

/** The files from which values come: those of the image's parameters, and those with which etcd is asked. */
function secretFiles(opened: Opened, environment: NodeJS.ProcessEnv): { parameters: string[]; etcd: string[] } {
  const paths = (names: Iterable<string>): string[] => [...names].flatMap((name) => environment[name] || []);
  return {
    parameters: paths([...namesOf(opened.image.placeholders)].map((name) => `${name}_FILE`)),
    etcd: own(environment, "PLINTH_ETCD_ENDPOINTS") === undefined ? [] : paths(etcdFiles),
  };
}

/** Reads `--signal`, `--process` and `--timeout`, which belong together with the command. */
function thenOf(args: Arguments): Result<AfterChange> {
  const [signal, process] = [text(args, "signal"), text(args, "process")];
  const limit = limitOf(text(args, "timeout"), usualSeconds);
  if (!limit.ok) return limit;
  const then: AfterChange = { command: args["--"], limitMs: Math.min(limit.value, longestTimer) };
  if (signal === undefined && process === undefined) return success(then);
  const found = signal === undefined ? undefined : signalNamed(signal);
  if (signal !== undefined && !found) {
    const near = nearest(signal.toUpperCase().replace(/^SIG/, ""), signalNames);
    return failure([cliMessage("signal-unknown", { signal, near })]);
  }
  if (!found) return failure([cliMessage("signal-incomplete", { given: "--process", missing: "--signal" })]);
  if (!process) return failure([cliMessage("signal-incomplete", { given: "--signal", missing: "--process" })]);
  return success({ ...then, signal: { ...found, process } });
}

/**
 * Does one thing at a time, with the newest state: what comes while it is being done is done once more afterwards, however often
 * it came.
 */
function inTurn(work: () => Promise<void>, failed: (error: unknown) => void): () => void {
  let due = false;
  let busy = false;
  return () => {
    due = true;
    if (busy) return;
    busy = true;
    (async () => {
      for (; due; ) {
        due = false;
        await work();
      }
      busy = false;
    })().catch(failed);
  };
}

async function run(args: Arguments, context: Context): Promise<number> {
  const opened = valueOrStatus(openImage(args, context), context);
  if ("status" in opened) return opened.status;
  const { image } = opened.value;
  const found = args._[0] === undefined ? undefined : valueOrStatus(findService(image, args._[0]), context);
  if (found && "status" in found) return found.status;
  const all = found ? [] : filesOf(image.services);
  const twice = all.find(({ path }, index) => all.findIndex((file) => file.path === path) !== index);
  if (twice) {
    const known = Object.keys(image.services);
    return context.report([cliMessage("file-of-which-service", { path: twice.path, verb: "watch", known })]);
  }
  const then = valueOrStatus(thenOf(args), context);
  if ("status" in then) return then.status;
  const etcd = valueOrStatus(etcdFor(context), context);
  if ("status" in etcd) return etcd.status;
  const files = secretFiles(opened.value, context.environment);
  const paths = [...new Set([...files.parameters, ...files.etcd])];
  if (etcd.value === undefined && paths.length === 0) return context.report([cliMessage("nothing-to-watch", {})]);
  const identity = valueOrStatus(identityFor(text(args, "user"), image.account), context);
  if ("status" in identity) return identity.status;

  const watched: Watched = {
    opened: opened.value,
    prefix: etcd.value?.prefix,
    service: found?.value.service,
    root: text(args, "root"),
    gid: identity.value.gid,
    told: new Set(),
  };
  let state: EtcdState = { entries: [], revision: 0 };
  if (etcd.value) {
    const { readOnce } = await import("../host/etcd/gateway.ts");
    const { timeoutMs } = etcd.value;
    const first = valueOrStatus(
      await readOnce(etcd.value, image.image.name, { deadline: performance.now() + timeoutMs }),
      context,
    );
    if ("status" in first) return first.status;
    state = first.value;
    await warnOfStrayKeys(etcd.value, context);
  }

  const broken = Promise.withResolvers<never>();
  const forever = new AbortController().signal;
  const wake = inTurn(async () => {
    if (await apply(watched, state, context)) await runAfterChange(then.value, context);
  }, broken.reject);
  wake();

  let askAnew = new AbortController();
  const followFiles = async (): Promise<void> => {
    if (paths.length === 0) return;
    context.log.info({ files: paths }, `following ${paths.length} files`);
    const changed = () => {
      context.log.info("a file changed");
      if (files.etcd.length > 0) askAnew.abort();
      wake();
    };
    await watchFiles(paths, changed, forever);
  };
  const followEtcd = async (): Promise<void> => {
    let settings = etcd.value;
    if (!settings) return;
    const { watchEntries } = await import("../host/etcd/watch.ts");
    for (;;) {
      await watchEntries(settings, image.image.name, state, {
        signal: askAnew.signal,
        onChange(entries, revision) {
          context.log.info({ revision }, "etcd's keys changed");
          state = { entries, revision };
          wake();
        },
        onNotice(notice) {
          if (notice.state === "following")
            context.log.info({ revision: notice.revision }, `following ${notice.endpoint}`);
          else if (notice.state === "interrupted")
            context.log.warn(`etcd: ${context.redact.theirs(notice.reason)}; reading everything again`);
          else context.report(notice.diagnostics);
        },
      });
      // Its password or certificates may be other ones now. Those that cannot be read keep what was known.
      askAnew = new AbortController();
      const renewed = etcdFor(context);
      if (!renewed.ok) context.report(renewed.diagnostics);
      else if (renewed.value) settings = renewed.value;
    }
  };
  await Promise.race([broken.promise, Promise.all([followFiles(), followEtcd()])]);
  return 0;
}

export const watch: Verb = {
  name: "watch",
  summary:
    "Follow etcd's keys and secret files: show what changes in the files, rewrite them, and run a command or send a signal",
  positional: "[service]",
  options: {
    ...imageOption,
    ...rootOption,
    user: {
      type: "string",
      describe: "The files' group is this user's instead of the image's account: NAME, UID, NAME:GROUP or UID:GID",
    },
    signal: { type: "string", describe: "Signal to send after a change: HUP, SIGHUP, 1" },
    process: { type: "string", describe: "Send it to the processes of this program, by its file name" },
    timeout: {
      type: "string",
      describe: `Seconds that the command may take, after which it is ended; ${usualSeconds} is the default`,
    },
  },
  examples: [
    ["plinth watch conductor --signal HUP --process nova-conductor", "beside the service, in its process namespace"],
    ["plinth watch api -- /usr/bin/touch /run/plinth/reload", "any command"],
  ],
  run,
};
