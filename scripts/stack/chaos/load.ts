import { setTimeout as sleep } from "node:timers/promises";
import { ask, logIn } from "../cloud.ts";
import type { Sample } from "./samples.ts";

/** Milliseconds between two requests of one kind. */
export const interval = 500;

/**
 * Requests of one kind that may be without an answer: then the next one waits. Else a machine that is too small for all of them would
 * have ever more of them open, and look as if the cloud were broken.
 */
const mostOpen = 2;

/** Milliseconds after which a request counts as failed. */
const patience = 8000;

type Session = { readonly token: string; readonly project: string };

type Request = (session: Session, server: string) => readonly [url: string, body?: unknown];

/** What a client asks for. `console` is a call to the hypervisor, so it is no measure of an API. */
export const kinds = ["token", "servers", "networks", "images", "volumes", "stacks", "console"] as const;
export type Kind = (typeof kinds)[number];

const requests: Readonly<Record<Exclude<Kind, "token">, Request>> = {
  servers: () => ["http://localhost:8774/v2.1/servers/detail"],
  networks: () => ["http://localhost:9696/v2.0/networks"],
  images: () => ["http://localhost:9292/v2/images"],
  volumes: () => ["http://localhost:8776/v3/volumes"],
  stacks: ({ project }) => [`http://localhost:8004/v1/${project}/stacks`],
  console: (_, server) => [
    `http://localhost:8774/v2.1/servers/${server}/action`,
    { "os-getConsoleOutput": { length: 10 } },
  ],
};

export type Load = {
  /** The requests of a kind that began since then; those without an answer yet are left out. */
  readonly since: (began: number) => Readonly<Record<Kind, readonly Sample[]>>;
  readonly stop: () => Promise<void>;
};

const reasonOf = (error: unknown): string => {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
};

/**
 * One client that asks a dev stack for each kind of thing every half second, until it is stopped.
 *
 * @param server the id of the one whose console is read.
 */
export async function startLoad(password: string, server: string): Promise<Load> {
  const samples: Record<Kind, Sample[]> = Object.fromEntries(kinds.map((kind) => [kind, []])) as never;
  const open: Record<Kind, Set<Promise<void>>> = Object.fromEntries(kinds.map((kind) => [kind, new Set()])) as never;
  let session: Session = await logIn(password);
  let stopped = false;

  const request = async (kind: Kind): Promise<void> => {
    if (kind === "token") {
      session = await logIn(password);
      return;
    }
    const [url, body] = requests[kind](session, server);
    const { status } = await ask(url, session.token, body, { within: patience });
    if (status !== 200) throw new Error(`HTTP status ${status}`);
  };
  const once = async (kind: Kind): Promise<void> => {
    const began = performance.now();
    const wrong = await request(kind).then(() => undefined, reasonOf);
    samples[kind].push({ began, ended: performance.now(), ...(wrong === undefined ? {} : { wrong }) });
  };
  const repeat = async (kind: Kind): Promise<void> => {
    for (let next = performance.now(); !stopped; next = Math.max(next + interval, performance.now())) {
      const sample = once(kind);
      open[kind].add(sample);
      sample.finally(() => open[kind].delete(sample));
      await sleep(Math.max(0, next + interval - performance.now()));
      if (open[kind].size >= mostOpen) await Promise.race(open[kind]);
    }
  };
  const running = kinds.map(repeat);
  return {
    since: (began) =>
      Object.fromEntries(kinds.map((kind) => [kind, samples[kind].filter((one) => one.began >= began)])) as never,
    async stop() {
      stopped = true;
      await Promise.all(running);
      await Promise.all(Object.values(open).flatMap((all) => [...all]));
    },
  };
}
