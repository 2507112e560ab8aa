import type { PortName } from "../../../src/openstack/ports.ts";
import { ask, logIn } from "../cloud.ts";
import type { Endpoints } from "../endpoints.ts";

/** A resource as an API shows it. */
export type Row = Readonly<Record<string, unknown>> & { readonly id: string };

type Endpoint = { readonly interface: string; readonly url: string };
type Entry = { readonly type: string; readonly endpoints: readonly Endpoint[] };

/** What the types of keystone's catalog are among the ports. */
const portNames: Readonly<Record<string, PortName>> = {
  ...{ identity: "identity", image: "image", placement: "placement", compute: "compute", network: "network" },
  ...{ volumev3: "volume", orchestration: "orchestration", cloudformation: "orchestration_cfn" },
};

/** The cloud's APIs as one user finds them: in keystone's catalog, at their public addresses. */
export type Api = {
  /** The id of the project that the user is logged in to. */
  readonly project: string;
  /** The public address of a service, by its type: `compute`. Throws where the catalog has none. */
  readonly url: (service: string) => string;
  readonly get: (service: string, path: string) => Promise<Record<string, unknown>>;
  readonly post: (service: string, path: string, body: unknown) => Promise<Record<string, unknown>>;
  readonly put: (service: string, path: string, body: unknown) => Promise<Record<string, unknown>>;
  /** What is not there is deleted already. */
  readonly remove: (service: string, path: string) => Promise<void>;
  /** The rows of a listing: `list("compute", "/servers", "servers")`. */
  readonly list: (service: string, path: string, key: string) => Promise<readonly Row[]>;
  /** Sends the bytes of an image. */
  readonly upload: (path: string, bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
};

/** Versions of APIs in which what the demo asks for is there, by service. */
const versions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Consoles since 2.6; a keypair that nova makes until 2.91.
  compute: { "openstack-api-version": "compute 2.6" },
};

/** Milliseconds that a call may take on a busy machine. */
const requestTimeoutMs = 60_000;

/** What a call failed with: the call, the status, what the service said. */
export class CallFailed extends Error {
  readonly status: number;
  constructor(method: string, url: string, status: number, body: unknown) {
    const said = typeof body === "string" ? body : JSON.stringify(body);
    super(`${method} ${url}: HTTP status ${status}: ${said.slice(0, 400)}`);
    this.status = status;
  }
}

/** Logs in as the administrator and reads the catalog. */
export async function openApi(password: string, at?: Endpoints): Promise<Api> {
  const { token, catalog, project } = await logIn(password, at);
  const url = (service: string): string => {
    const entry = (catalog as readonly Entry[]).find(({ type }) => type === service);
    const found = entry?.endpoints.find((endpoint) => endpoint.interface === "public")?.url;
    if (found === undefined) throw new Error(`keystone's catalog has no public endpoint of type ${service}`);
    const here = at?.[portNames[service] ?? "identity"];
    // The catalog has the name that users know; this machine may have another way there.
    return (here === undefined ? found : `${here}${new URL(found).pathname}`).replace(/\/$/, "");
  };
  const call = async (method: string, service: string, path: string, body?: unknown) => {
    const address = `${url(service)}${path}`;
    const answer = await ask(address, token, body, {
      method,
      headers: versions[service] ?? {},
      within: requestTimeoutMs,
    });
    if (answer.status >= 300) throw new CallFailed(method, address, answer.status, answer.body);
    return (typeof answer.body === "object" ? answer.body : {}) as Record<string, unknown>;
  };
  return {
    project,
    url,
    get: (service, path) => call("GET", service, path),
    post: (service, path, body) => call("POST", service, path, body),
    put: (service, path, body) => call("PUT", service, path, body),
    remove: async (service, path) => {
      try {
        await call("DELETE", service, path);
      } catch (error) {
        if (!(error instanceof CallFailed) || error.status !== 404) throw error;
      }
    },
    list: async (service, path, key) => ((await call("GET", service, path))[key] ?? []) as readonly Row[],
    upload: async (path, bytes) => {
      const address = `${url("image")}${path}`;
      const headers = { "x-auth-token": token, "content-type": "application/octet-stream" };
      const answer = await fetch(address, { method: "PUT", headers, body: bytes });
      if (answer.status !== 204) throw new CallFailed("PUT", address, answer.status, await answer.text());
    },
  };
}
