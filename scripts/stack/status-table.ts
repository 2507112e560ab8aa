import { columns } from "../../src/text/columns.ts";

/** What of `docker inspect` counts here. */
export type Inspected = {
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly StartedAt: string;
    readonly FinishedAt: string;
    readonly Health?: { readonly Status: string };
  };
  readonly HostConfig: {
    readonly RestartPolicy: { readonly Name: string };
    readonly PortBindings: Readonly<Record<string, readonly { readonly HostPort: string }[] | null>> | null;
  };
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
};

export type Row = {
  readonly service: string;
  /** Does something once and ends. */
  readonly job: boolean;
  readonly state: string;
  readonly health?: string;
  /** How long it has been in that state. */
  readonly since?: string;
  /** OpenStack's release, and the commit of plinth, of the image. */
  readonly version?: string;
  readonly ports?: string;
};

/** @returns a time span in its largest unit: 41 s, 3 min, 5 h, 2 days. */
export function spanText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
}

/** @param now milliseconds since 1970. */
export function rowOf({ State, HostConfig, Config: { Labels } }: Inspected, now: number): Row {
  const job = HostConfig.RestartPolicy.Name === "on-failure";
  const ended = State.Status === "exited" || State.Status === "dead" || State.Status === "restarting";
  const began = Date.parse(ended ? State.FinishedAt : State.StartedAt);
  const revision = Labels["org.opencontainers.image.revision"];
  const release = Labels["org.opencontainers.image.version"];
  const ports = Object.values(HostConfig.PortBindings ?? {}).flatMap((all) =>
    (all ?? []).map(({ HostPort }) => HostPort),
  );
  const ending = job && State.ExitCode === 0 ? "done" : `${State.Status} (${State.ExitCode})`;
  return {
    service: Labels["com.docker.compose.service"] ?? "",
    job,
    state: ended ? ending : State.Status,
    ...(State.Status === "running" && State.Health ? { health: State.Health.Status } : {}),
    // A container that was never started has the year 1.
    ...(began > 0 ? { since: spanText(now - began) } : {}),
    ...(release ? { version: revision ? `${release} (${revision.slice(0, 7)})` : release } : {}),
    ...(ports.length > 0 ? { ports: ports.join(" ") } : {}),
  };
}

const shown = [
  ["SERVICE", ({ service }) => service],
  ["STATE", ({ state }) => state],
  ["HEALTH", ({ health }) => health],
  ["SINCE", ({ since }) => since],
  ["VERSION", ({ version }) => version],
  ["PORT", ({ ports }) => ports],
] as const satisfies readonly (readonly [string, (row: Row) => string | undefined])[];

const count = (rows: readonly Row[], of: (row: Row) => string): string =>
  [...Map.groupBy(rows, of)].map(([what, all]) => `${all.length} ${what}`).join(", ");

/** @returns the table: services first, then jobs, each in the order of their names, and a line that counts them. */
export function statusText(name: string, rows: readonly Row[]): string {
  const ordered = [...rows].sort(
    (one, other) => Number(one.job) - Number(other.job) || one.service.localeCompare(other.service),
  );
  const cells = [
    shown.map(([title]) => title),
    ...ordered.map((row) =>
      shown.map(([, cell]) => cell({ ...row, service: row.job ? `${row.service} (job)` : row.service }) ?? "-"),
    ),
  ];
  const lines = columns(cells);
  const services = ordered.filter(({ job }) => !job);
  const jobs = ordered.filter(({ job }) => job);
  const summary = [
    `${name}: ${services.length} services: ${count(services, ({ state, health }) => (state === "running" && health ? health : state))}`,
    `${jobs.length} jobs: ${count(jobs, ({ state }) => state)}`,
  ];
  return `${lines.join("\n")}\n${summary.join("; ")}\n`;
}
