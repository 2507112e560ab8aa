import { get } from "node:http";
import { type Endpoints, usualEndpoints } from "./endpoints.ts";

/** Asks the services of a running dev stack, as its administrator, whether the cloud works. */

const requestTimeoutMs = 8000;

type Answer = { readonly status: number; readonly body: unknown; readonly token: string | null };

/** As whom the questions are asked: a token, the id of its project, which heat wants in its paths, and keystone's catalog. */
export type Login = { readonly token: string; readonly project: string; readonly catalog: unknown };

/** Asks a service. Rejects where it gives no answer within some seconds. */
export async function ask(
  url: string,
  token?: string,
  body?: unknown,
  more: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly within?: number;
  } = {},
): Promise<Answer> {
  const answer = await fetch(url, {
    method: more.method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { "x-auth-token": token }),
      ...more.headers,
    },
    signal: AbortSignal.timeout(more.within ?? requestTimeoutMs),
    redirect: "manual",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const json = /json/.test(answer.headers.get("content-type") ?? "");
  return {
    status: answer.status,
    body: json && text !== "" ? JSON.parse(text) : text,
    token: answer.headers.get("x-subject-token"),
  };
}

const domain = { id: "default" };

/** Logs in as the administrator. Rejects where keystone gives no token. */
export const logIn = (password: string, at?: Endpoints): Promise<Login> =>
  issueToken({ methods: ["password"], password: { user: { name: "admin", domain, password } } }, at);

/** Asks for another token with one that is valid, which takes keystone a tenth of the time that a password takes. */
export const renewToken = (token: string, at?: Endpoints): Promise<Login> =>
  issueToken({ methods: ["token"], token: { id: token } }, at);

async function issueToken(identity: unknown, at: Endpoints = usualEndpoints): Promise<Login> {
  const scope = { project: { name: "admin", domain } };
  const answer = await ask(`${at.identity}/v3/auth/tokens`, undefined, { auth: { identity, scope } });
  if (answer.status !== 201 || answer.token === null) throw new Error(`HTTP status ${answer.status}`);
  const { token } = answer.body as {
    readonly token: { readonly project: { readonly id: string }; readonly catalog: unknown };
  };
  return { token: answer.token, project: token.project.id, catalog: token.catalog };
}

/**
 * Asks for a page. @param name by which the server is to be called, where it is reached otherwise: Django answers to no other, and
 * fetch lets nobody say the header.
 */
const statusFor = (url: string, name?: string): Promise<number> =>
  new Promise((settle, reject) => {
    const headers = name === undefined ? {} : { host: name };
    const asked = get(url, { headers, signal: AbortSignal.timeout(requestTimeoutMs) }, (answer) => {
      answer.resume();
      settle(answer.statusCode ?? 0);
    });
    asked.once("error", reject);
  });

type Row = Readonly<Record<string, unknown>>;

/** @returns the rows of a listing, or throws with what was answered. */
async function rows(url: string, token: string, key: string): Promise<readonly Row[]> {
  const { status, body } = await ask(url, token);
  if (status !== 200) throw new Error(`HTTP status ${status}`);
  return ((body as Record<string, readonly Row[]>)[key] ?? []) as readonly Row[];
}

/** Throws unless there is such a row. */
function has(all: readonly Row[], wanted: readonly (readonly [string, unknown])[]): void {
  const found = all.some((row) => wanted.every(([key, value]) => row[key] === value));
  if (!found) throw new Error(`no ${wanted.map(([key, value]) => `${key} ${value}`).join(", ")}`);
}

/** Each part of the cloud, with what it must answer. */
const questions: Readonly<Record<string, (at: Endpoints, login: Login) => Promise<void>>> = {
  glance: async (at, { token }) => void (await rows(`${at.image}/v2/images`, token, "images")),
  placement: async (at, { token }) =>
    void (await rows(`${at.placement}/resource_providers`, token, "resource_providers")),
  nova: async (at, { token }) => {
    const services = await rows(`${at.compute}/v2.1/os-services`, token, "services");
    for (const binary of ["nova-conductor", "nova-scheduler", "nova-compute"]) {
      has(services, [
        ["binary", binary],
        ["state", "up"],
      ]);
    }
    // Mapped to the cell, too.
    const hypervisors = await rows(`${at.compute}/v2.1/os-hypervisors`, token, "hypervisors");
    has(hypervisors, [["state", "up"]]);
  },
  neutron: async (at, { token }) => {
    const [agents, computes] = await Promise.all([
      rows(`${at.network}/v2.0/agents`, token, "agents"),
      rows(`${at.compute}/v2.1/os-services?binary=nova-compute`, token, "services"),
    ]);
    for (const binary of ["ovn-controller", "neutron-ovn-metadata-agent"]) {
      has(agents, [
        ["binary", binary],
        ["alive", true],
      ]);
    }
    // Neutron binds a server's port at the host that nova names: where the two call a machine by two names no server starts there.
    for (const { host } of computes.filter(({ state }) => state === "up")) {
      has(agents, [
        ["binary", "ovn-controller"],
        ["host", host],
        ["alive", true],
      ]);
    }
  },
  cinder: async (at, { token }) => {
    const services = await rows(`${at.volume}/v3/os-services`, token, "services");
    for (const binary of ["cinder-scheduler", "cinder-volume"]) {
      has(services, [
        ["binary", binary],
        ["state", "up"],
      ]);
    }
    // A scheduler that began after cinder-volume's first report knows no pool until the next one, a minute later: every
    // volume is in error until then.
    const pools = await rows(`${at.volume}/v3/scheduler-stats/get_pools`, token, "pools");
    if (pools.length === 0) throw new Error("cinder-scheduler knows no pool yet");
  },
  heat: async (at, { token, project }) =>
    void (await rows(`${at.orchestration}/v1/${project}/stacks`, token, "stacks")),
  horizon: async (at) => {
    const status = await statusFor(`${at.dashboard}/auth/login/`, at.host);
    if (status !== 200) throw new Error(`HTTP status ${status}`);
  },
};

/** What a server needs of the cloud; the rest may start after it. */
export const forServers: readonly string[] = ["keystone", "glance", "placement", "nova", "neutron"];

/** @returns why it failed, the cause where there is one: fetch's own words are "fetch failed". */
const reasonOf = ({ message, cause }: Error): string => (cause instanceof Error ? cause.message : message);

/**
 * Asks parts of the cloud. The login is kept as long as it holds: a new one costs keystone a quarter of a second of a processor, and each
 * service a question to keystone.
 *
 * @returns a function that tells what of some parts does not work: the part, and why. Without a login it is keystone alone.
 */
function asking(password: string, at: Endpoints): (parts: readonly string[]) => Promise<ReadonlyMap<string, string>> {
  let login: Login | undefined;
  return async (parts) => {
    const found = new Map<string, string>();
    try {
      login ??= await logIn(password, at);
    } catch (error) {
      return new Map([["keystone", reasonOf(error as Error)]]);
    }
    const own = login;
    await Promise.all(
      parts.map((part) => questions[part]?.(at, own).catch((error: Error) => void found.set(part, reasonOf(error)))),
    );
    if ([...found.values()].includes("HTTP status 401")) login = undefined;
    return found;
  };
}

/**
 * Asks again and again, each part until it works: while a cloud starts, every question takes processors from what is asked.
 *
 * @returns a function that tells what does not work yet: the part, and why.
 */
export function watchCloud(
  password: string,
  at: Endpoints = usualEndpoints,
): () => Promise<ReadonlyMap<string, string>> {
  const ask = asking(password, at);
  let open: readonly string[] = Object.keys(questions);
  return async () => {
    const found = await ask(open);
    if (!found.has("keystone")) open = open.filter((part) => found.has(part));
    return found;
  };
}

/** Asks all parts each time. @returns a function that tells what does not work at that moment: the part, and why. */
export function examineCloud(
  password: string,
  at: Endpoints = usualEndpoints,
): () => Promise<ReadonlyMap<string, string>> {
  const ask = asking(password, at);
  return () => ask(Object.keys(questions));
}

/** @returns what does not work now: the part, and why. */
export const faults = (password: string, at?: Endpoints): Promise<ReadonlyMap<string, string>> =>
  examineCloud(password, at)();
