/** One start of a service or job, as plinth's last line before it became the service tells it. Times in milliseconds. */
export type Start = {
  readonly image: string;
  readonly service: string;
  readonly kind: string;
  /** When plinth's process began, since 1970. */
  readonly began: number;
  /** From then until plinth's own code ran: the kernel's and Node's share. */
  readonly bootMs: number;
  readonly resolveMs: number;
  readonly renderMs: number;
  readonly waitMs: number;
};

type Line = { readonly [key: string]: unknown };

function parsed(line: string): Line | undefined {
  // What shows logs of several containers puts their names before each line.
  const at = line.indexOf('{"level"');
  if (at < 0) return undefined;
  try {
    return JSON.parse(line.slice(at)) as Line;
  } catch {
    return undefined;
  }
}

const number = (value: unknown): number => (typeof value === "number" ? value : 0);

/** Reads starts from log lines, whatever else stands between them. @returns them in the order in which they began. */
export function startsOf(text: string): readonly Start[] {
  const starts = text.split("\n").flatMap((line): readonly Start[] => {
    const row = parsed(line);
    const began = Date.parse(String(row?.["began"]));
    if (!row || typeof row["service"] !== "string" || Number.isNaN(began)) return [];
    return [
      {
        image: String(row["image"]),
        service: row["service"],
        kind: String(row["kind"]),
        began,
        bootMs: number(row["boot_ms"]),
        resolveMs: number(row["resolve_ms"]),
        renderMs: number(row["render_ms"]),
        waitMs: number(row["waited_ms"]),
      },
    ];
  });
  return starts.sort((one, other) => one.began - other.began);
}

/** Milliseconds from the first start's beginning. */
export const offsets = (starts: readonly Start[]): readonly number[] =>
  starts.map(({ began }) => began - (starts[0]?.began ?? 0));

/** @returns the milliseconds that a start took, from its process to the hand-over. */
export const totalOf = ({ bootMs, resolveMs, renderMs, waitMs }: Start): number =>
  bootMs + resolveMs + renderMs + waitMs;
