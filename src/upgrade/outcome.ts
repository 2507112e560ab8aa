import { cell } from "../text/markdown.ts";
import type { Plan } from "./plan.ts";
import type { Noted } from "./record.ts";

/** What a client that asked the APIs all the time saw. */
export type Requests = {
  readonly sent: number;
  readonly failed: readonly { readonly at: string; readonly what: string; readonly why: string }[];
};

/** What was measured while the upgrade went on; undefined where nobody did. */
export type Measured = {
  readonly requests?: Requests | undefined;
  readonly packets?: { readonly sent: number; readonly lost: number } | undefined;
};

export type Outcome = {
  readonly from: string;
  readonly to: string;
  readonly began: string;
  readonly ended: string;
  /** From the beginning of the first phase that changes something to the end of the last, in seconds. Breaks between runs aside. */
  readonly control_plane_s: number;
  readonly phases: readonly { readonly id: string; readonly title: string; readonly seconds: number }[];
  readonly runs: readonly { readonly at: string; readonly by: string }[];
  readonly stops: readonly { readonly at: string; readonly phase: string; readonly why: string }[];
  readonly services: readonly {
    readonly workload: string;
    readonly before: string | null;
    readonly after: string | null;
  }[];
  readonly kept: readonly { readonly workload: string; readonly image: string }[];
  readonly requests_sent: number | null;
  readonly requests_failed: number | null;
  readonly packets_sent: number | null;
  readonly packets_lost: number | null;
  readonly failures: Requests["failed"];
};

/** Phases that change nothing of the cloud, so that nobody waits for them. */
const before = new Set(["images", "backup"]);

/** @param lines of the record, from the last `begun` of a new upgrade on. */
export function outcomeOf(plan: Plan, lines: readonly Noted[], measured: Measured = {}): Outcome {
  const first = lines.findLastIndex(
    (line, index) => line.what === "begun" && (index === 0 || lines[index - 1]?.what === "ended"),
  );
  const own = lines.slice(Math.max(0, first));
  const seconds = new Map(
    own.flatMap((line) => (line.what === "phase done" ? [[line.phase, line.seconds] as const] : [])),
  );
  const phases = plan.phases.flatMap(({ id, title, what }) => {
    const took = seconds.get(id);
    return took === undefined ? [] : [{ id, title, what, seconds: took }];
  });
  const sum = phases.filter(({ what }) => !before.has(what)).reduce((all, one) => all + one.seconds, 0);
  const services = new Map(
    plan.phases.flatMap((phase) =>
      phase.services.map(({ workload, before, after }) => [workload, { workload, before, after }] as const),
    ),
  );
  return {
    from: plan.from,
    to: plan.to,
    began: own[0]?.at ?? "",
    ended: own.at(-1)?.at ?? "",
    control_plane_s: Math.round(sum * 10) / 10,
    phases: phases.map(({ id, title, seconds }) => ({ id, title, seconds })),
    runs: own.flatMap((line) => (line.what === "begun" ? [{ at: line.at, by: line.by }] : [])),
    stops: own.flatMap((line) => (line.what === "stopped" ? [{ at: line.at, phase: line.phase, why: line.why }] : [])),
    services: [...services.values()],
    kept: plan.kept.map(({ workload, image }) => ({ workload, image })),
    requests_sent: measured.requests?.sent ?? null,
    requests_failed: measured.requests?.failed.length ?? null,
    packets_sent: measured.packets?.sent ?? null,
    packets_lost: measured.packets?.lost ?? null,
    failures: measured.requests?.failed ?? [],
  };
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const lost = (count: number | null, sent: number | null): string =>
  count === null ? "not measured" : `${count} of ${sent}`;

/** @returns the report as Markdown. */
export function outcomeText(report: Outcome): string {
  const { from, to } = report;
  const parts = [
    `# Upgrade from ${from} to ${to}`,
    table(
      ["", ""],
      [
        ["began", report.began],
        ["ended", report.ended],
        ["control plane", `${report.control_plane_s} s in ${report.phases.length} phases`],
        ["requests that failed", lost(report.requests_failed, report.requests_sent)],
        ["packets between servers that were lost", lost(report.packets_lost, report.packets_sent)],
        ["runs", String(report.runs.length)],
      ],
    ),
    "## Phases",
    table(
      ["phase", "what", "seconds"],
      report.phases.map(({ id, title, seconds }) => [id, title, seconds.toFixed(1)]),
    ),
    "## Services",
    table(
      ["service", "before", "after"],
      report.services.map(({ workload, before, after }) => [workload, before ?? "", after ?? ""]),
    ),
    "Left as they were:",
    table(
      ["service", "image"],
      report.kept.map(({ workload, image }) => [workload, image]),
    ),
  ];
  if (report.stops.length > 0) {
    parts.push(
      "## Where it stopped",
      table(
        ["at", "phase", "why"],
        report.stops.map(({ at, phase, why }) => [at, phase, why]),
      ),
    );
  }
  if (report.failures.length > 0) {
    parts.push(
      "## Requests that failed",
      table(
        ["at", "what", "why"],
        report.failures.map(({ at, what, why }) => [at, what, why]),
      ),
    );
  }
  return `${parts.join("\n\n")}\n`;
}
