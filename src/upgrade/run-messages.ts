import { catalog } from "../diagnostics/catalog.ts";

type Pair = { readonly from: string; readonly to: string };
const listed = (names: readonly string[]): string => names.join(", ");
const quoted = (lines: readonly string[]): string => lines.map((line) => `\n  | ${line}`).join("");

/** What keeps an upgrade from being carried out, or ends it. */
export const runMessage = catalog({
  "upgrade-phase-unknown": {
    failure: "usage",
    what: ({ phase }: { phase: string; known: readonly string[] }) => `the plan has no phase ${phase}`,
    fix: ({ known }: { phase: string; known: readonly string[] }) => `name one of its phases: ${listed(known)}`,
  },
  "upgrade-directory-strange": {
    failure: "usage",
    what: ({ directory }: { directory: string }) =>
      `${directory} has no directory secrets, so it is not the directory of a project`,
    fix: () =>
      "name the directory with compose.yaml and secrets that the cloud was started from by --directory: with other secrets its services could not log in anywhere",
  },
  "upgrade-option-refused": {
    failure: "configuration",
    what: ({ option, file, places, to }: Record<"option" | "file" | "to", string> & { places: readonly string[] }) =>
      `${to} refuses the option ${option} of ${file}, which the model says at ${listed(places)}`,
    fix: ({ to }) =>
      `take it out of the model, or say it otherwise: plinth upgrade plan --to ${to} tells what became of it`,
  },
  "upgrade-images-missing": {
    failure: "configuration",
    what: ({ images }: { images: readonly string[]; release: string }) =>
      `${images.length === 1 ? "an image is" : `${images.length} images are`} not on this machine: ${listed(images)}`,
    fix: ({ release }) => `build them first: make images VERSION=${release}; or pull them. Nothing was changed`,
  },
  "upgrade-other-under-way": {
    failure: "configuration",
    what: ({ other }: { other: Pair; asked: Pair }) => `an upgrade from ${other.from} to ${other.to} is under way`,
    fix: ({ other }) =>
      `finish it with plinth upgrade run --from ${other.from} --to ${other.to}, or undo it with plinth upgrade back --from ${other.from} --to ${other.to}`,
  },
  "upgrade-nothing-to-undo": {
    failure: "usage",
    what: ({ from, to }: Pair) => `no upgrade from ${from} to ${to} is under way`,
    fix: () => "an upgrade that is finished cannot be undone: its backup is the only way back",
  },
  "upgrade-too-late": {
    failure: "configuration",
    what: ({ phase, how }: { phase: string; how: string } & Pair) =>
      `the phase ${phase} was begun, and it cannot be undone: ${how}`,
    fix: ({ from, to }) => `go on to ${to} with plinth upgrade run --from ${from} --to ${to}`,
  },
  "upgrade-container-absent": {
    failure: "dependency",
    what: ({ container, state }: { container: string; state: string | undefined }) =>
      state === undefined ? `there is no container ${container}` : `the container ${container} is ${state}`,
    fix: () => "let the cloud work first, in the release that it has: make up, make status",
  },
  "upgrade-container-strange": {
    failure: "configuration",
    what: ({ container, image }: { container: string; image: string; known: readonly string[] }) =>
      `the container ${container} has the image ${image}, which is of neither release`,
    fix: ({ known }) => `it should have ${known.join(" or ")}: is it the right project, and the right --from?`,
  },
  "upgrade-done-already": {
    failure: "configuration",
    what: ({ to }: { to: string }) => `every service has its image of ${to} already`,
    fix: ({ to }) =>
      `nothing is left to do. Was it not upgraded by plinth, its database may be older: make up VERSION=${to}`,
  },
  "upgrade-schema-strange": {
    failure: "configuration",
    what: ({ database, has, wants, release }: Record<"database" | "has" | "wants" | "release", string>) =>
      `the schema of the database ${database} is at ${has}, and that of ${release} is ${wants}`,
    fix: ({ release }) =>
      `the plan begins with the schema of ${release}: run the db-sync job of that release, or name the release that the database is of`,
  },
  "upgrade-job-failed": {
    failure: "dependency",
    what: ({ job, status, last }: { job: string; status: number; accepts: string; last: readonly string[] }) =>
      `the job ${job} ended with ${status}${quoted(last)}`,
    fix: ({ accepts }) =>
      `see what it says, mend that, and run the same again: it goes on with this job. It may end with ${accepts}`,
  },
  "upgrade-not-well": {
    failure: "dependency",
    what: ({
      container,
      reason,
      seconds,
      last,
    }: Record<"container" | "reason", string> & {
      seconds: number;
      last: readonly string[];
    }) => `${container} does not serve after ${seconds} s: ${reason}${quoted(last)}`,
    fix: () =>
      "see what it says, mend that, and run the same again: it goes on with this container. Or plinth upgrade back, before the first contraction",
  },
  "upgrade-lock-lost": {
    failure: "dependency",
    what: ({ reason }: { reason: string }) => `the upgrade's lock was lost: ${reason}`,
    fix: () => "run the same again: it goes on where it was",
  },
});
