import { catalog } from "../diagnostics/catalog.ts";

const orNone = (way: readonly string[] | undefined): string =>
  way === undefined ? "there is no way that upstream supports" : `upstream's way is ${way.join(" → ")}`;

/** What can be wrong about an upgrade. */
export const upgradeMessage = catalog({
  "upgrade-same": {
    failure: "usage",
    what: ({ release }: { release: string }) => `the cloud is of ${release} already: there is nothing to upgrade`,
    fix: () => "name a later release with --to",
  },
  "upgrade-backwards": {
    failure: "usage",
    what: ({ from, to }: { from: string; to: string }) =>
      `${to} is older than ${from}, and no component has a way back for its database`,
    fix: ({ from, to }) =>
      `exchange them: --from ${to} --to ${from}; back to ${to} leads the backup from before the upgrade`,
  },
  "upgrade-skips": {
    failure: "usage",
    what: ({
      from,
      to,
      between,
      slurp,
    }: {
      from: string;
      to: string;
      between: readonly string[];
      slurp: boolean;
      way: readonly string[] | undefined;
      unbuilt: readonly string[];
    }) =>
      `upstream supports no upgrade from ${from} to ${to}: ${between.join(", ")} ${between.length === 1 ? "lies" : "lie"} between, and ${
        slurp
          ? `from a SLURP release one may skip to the next SLURP release only`
          : `${from} is no SLURP release, from which one may be skipped`
      }`,
    fix: ({ way, unbuilt }) =>
      `${orNone(way)}${unbuilt.length === 0 ? ": a plan for each step" : `; plinth has no images of ${unbuilt.join(", ")}`}`,
  },
  "upgrade-model-refused": {
    failure: "configuration",
    what: ({ release, side }: { release: string; side: "from" | "to" }) =>
      side === "to"
        ? `the model cannot be built as ${release}, so that there is no plan yet: see what is told above`
        : `the model cannot be built as ${release}, of which the cloud is said to be: see what is told above`,
    fix: ({ release, side }) =>
      side === "to"
        ? `put it right for both releases: what differs goes into a class of the release, such as system.release.${release}`
        : "name the release that the cloud has with --from",
  },
});
