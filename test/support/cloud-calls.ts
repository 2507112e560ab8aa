import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** Real calls of a cloud's APIs, each of which goes through what a secret opens. Cheaper by far than the client's start. */

/** What a call is told: where a container is, and the secrets as they are now. */
export type Surroundings = {
  readonly address: (container: string) => string;
  readonly secret: (name: string) => string;
};

type Answer = { readonly status: number; readonly body: unknown; readonly headers: Headers };

async function ask(url: string, headers: Readonly<Record<string, string>>, body?: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method: body === undefined ? "GET" : "POST",
    headers: { ...headers, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(120_000),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
}

async function good(what: string, url: string, headers: Readonly<Record<string, string>>, body?: unknown) {
  const answer = await ask(url, headers, body);
  assert.ok(answer.status < 300, `${what}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 500)}`);
  return answer;
}

/** Asks until the answer is one that `end` takes, for four minutes. */
async function eventually<T>(what: string, once: () => Promise<T>, end: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 240_000;
  for (;;) {
    const value = await once();
    if (end(value)) return value;
    assert.ok(Date.now() < deadline, `${what}: still ${JSON.stringify(value).slice(0, 500)}`);
    await sleep(1000);
  }
}

/** Logs in at keystone. @returns the header that a call needs, and the project's id. */
export async function logIn({ address, secret }: Surroundings, name = "admin", password = secret("admin")) {
  const domain = { id: "default" };
  const project = name === "admin" ? "admin" : "service";
  const { headers, body } = await good(
    `login of ${name}`,
    `http://${address("keystone-server")}:5000/v3/auth/tokens`,
    {},
    {
      auth: {
        identity: { methods: ["password"], password: { user: { name, domain, password } } },
        scope: { project: { name: project, domain } },
      },
    },
  );
  const { token } = body as { readonly token: { readonly project: { readonly id: string } } };
  return { auth: { "X-Auth-Token": headers.get("x-subject-token") ?? "" }, project: token.project.id };
}

const template = {
  heat_template_version: "2018-08-31",
  resources: {
    // A user of the stacks' domain, by heat's administrator there, and what is encrypted in heat's database.
    user: { type: "AWS::IAM::User" },
    key: { type: "AWS::IAM::AccessKey", properties: { UserName: { get_resource: "user" } } },
    text: { type: "OS::Heat::RandomString" },
  },
};

/** One call a service: its database, its user in keystone, and its broker are needed for it. */
export const calls: Readonly<Record<string, (cloud: Surroundings) => Promise<void>>> = {
  glance: async (cloud) => {
    const { auth } = await logIn(cloud);
    const url = `http://${cloud.address("glance-server")}:9292/v2/images`;
    await good("a new image", url, auth, { name: "tiny", disk_format: "raw", container_format: "bare" });
  },
  placement: async (cloud) => {
    const { auth } = await logIn(cloud);
    await good("the resource classes", `http://${cloud.address("placement-server")}:8778/resource_classes`, {
      ...auth,
      "OpenStack-API-Version": "placement 1.39",
    });
  },
  neutron: async (cloud) => {
    const { auth } = await logIn(cloud);
    const url = `http://${cloud.address("neutron-server")}:9696/v2.0/networks`;
    await good("a new network", url, auth, { network: { name: "n" } });
  },
  cinder: async (cloud) => {
    const { auth, project } = await logIn(cloud);
    const base = `http://${cloud.address("cinder-api")}:8776/v3/${project}`;
    const { body } = await good("a new volume", `${base}/volumes`, auth, { volume: { size: 1 } });
    const { id } = (body as { readonly volume: { readonly id: string } }).volume;
    // By the broker to the scheduler, which finds no place for it.
    const status = async () =>
      ((await good("the volume", `${base}/volumes/${id}`, auth)).body as { volume: { status: string } }).volume.status;
    await eventually("the volume", status, (now) => now === "error" || now === "available");
  },
  nova: async (cloud) => {
    const { auth } = await logIn(cloud);
    const base = `http://${cloud.address("nova-api")}:8774/v2.1`;
    const { body } = await good("the services of the cell", `${base}/os-services`, auth);
    const { services } = body as { readonly services: readonly { readonly binary: string }[] };
    assert.ok(
      services.some(({ binary }) => binary === "nova-conductor"),
      JSON.stringify(services),
    );
    const name = `small-${randomUUID()}`;
    const made = await good("a new flavor", `${base}/flavors`, auth, { flavor: { name, ram: 64, disk: 1, vcpus: 1 } });
    const image = await good("a new image", `http://${cloud.address("glance-server")}:9292/v2/images`, auth, {
      name: "none",
      disk_format: "raw",
      container_format: "bare",
    });
    const imageId = (image.body as { readonly id: string }).id;
    const data = await fetch(`http://${cloud.address("glance-server")}:9292/v2/images/${imageId}/file`, {
      method: "PUT",
      headers: { ...auth, "Content-Type": "application/octet-stream" },
      body: "image",
    });
    assert.equal(data.status, 204);
    const server = await good(
      "a new server",
      `${base}/servers`,
      { ...auth, "X-OpenStack-Nova-API-Version": "2.74" },
      {
        server: {
          name: "one",
          imageRef: imageId,
          flavorRef: (made.body as { readonly flavor: { readonly id: string } }).flavor.id,
          networks: "none",
        },
      },
    );
    const { id } = (server.body as { readonly server: { readonly id: string } }).server;
    // API, conductor, scheduler and placement, and back into cell0's database: there is no hypervisor for it.
    const now = async () =>
      (await good("the server", `${base}/servers/${id}`, auth)).body as {
        readonly server: { readonly status: string; readonly fault?: { readonly message: string } };
      };
    const { server: ended } = await eventually("the server", now, ({ server: { status } }) => status === "ERROR");
    assert.match(ended.fault?.message ?? "", /No valid host/);
  },
  heat: async (cloud) => {
    const { auth, project } = await logIn(cloud);
    const base = `http://${cloud.address("heat-api")}:8004/v1/${project}`;
    const { body } = await good("a new stack", `${base}/stacks`, auth, { stack_name: `s-${randomUUID()}`, template });
    const { id } = (body as { readonly stack: { readonly id: string } }).stack;
    const now = async () =>
      (await good("the stack", `${base}/stacks/${id}`, auth)).body as {
        stack: { stack_status: string; stack_status_reason: string };
      };
    const { stack } = await eventually("the stack", now, (one) => !/IN_PROGRESS/.test(one.stack.stack_status));
    assert.equal(stack.stack_status, "CREATE_COMPLETE", stack.stack_status_reason);
  },
  /** As the metadata agent asks it, for a server that is not there: a wrong signature is a 403. */
  metadata: async (cloud) => {
    const server = randomUUID();
    const signature = createHmac("sha256", cloud.secret("metadata")).update(server).digest("hex");
    const { status, body } = await ask(
      `http://${cloud.address("nova-metadata")}:8775/openstack/latest/meta_data.json`,
      {
        "X-Instance-ID": server,
        "X-Tenant-ID": "0",
        "X-Forwarded-For": "192.0.2.1",
        "X-Instance-ID-Signature": signature,
      },
    );
    assert.equal(status, 404, JSON.stringify(body));
  },
  dashboard: async (cloud) => {
    // Not by fetch, which does not let the Host header be said.
    const [answer] = (await once(
      get({ host: cloud.address("horizon-server"), port: 8080, path: "/auth/login/", headers: { Host: "localhost" } }),
      "response",
    )) as [IncomingMessage];
    const page = (await answer.setEncoding("utf8").toArray()).join("");
    assert.equal(answer.statusCode, 200, page);
    assert.match(page, /csrfmiddlewaretoken/);
  },
};
