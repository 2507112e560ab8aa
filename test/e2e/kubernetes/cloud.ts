import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Api, openApi, type Row } from "../../../scripts/stack/demo/api.ts";
import { until } from "../../../scripts/stack/demo/ensure.ts";
import { flavors, images } from "../../../scripts/stack/demo/images.ts";
import { addresses, network } from "../../../scripts/stack/demo/network.ts";
import { consoleLog, keypair, running, server } from "../../../scripts/stack/demo/servers.ts";
import { makeGuest } from "../../../scripts/stack/guest.ts";
import { buildMissing } from "../../../scripts/stack/images.ts";
import { downServices } from "../../support/down-services.ts";
import { deployment, endpoints, hypervisors, password, pods } from "./cluster.ts";

/** The cloud as its users see it, from outside of the cluster. */

export const openCloud = (): Promise<Api> => openApi(password(), endpoints());

const directory = join(deployment.directory, "demo");

/** Makes the small guest, which needs no cloud, but the image that it is built on. */
export async function prepareGuest(): Promise<void> {
  assert.equal(buildMissing(deployment, ["debian-base"]), 0);
  mkdirSync(directory, { recursive: true });
  await makeGuest(deployment, join(directory, "guest"));
}

export type Servers = {
  readonly all: readonly Row[];
  readonly image: Row;
  readonly flavor: Row;
  readonly network: Row;
};

/** Orders a server on each hypervisor, on one network, and waits until both are ACTIVE. Each pings the other, and goes on. */
export async function orderServers(api: Api): Promise<Servers> {
  const [image, kinds, net, key] = await Promise.all([
    images(api, join(directory, "guest")),
    flavors(api),
    network(api, deployment.outside, []),
    keypair(api, directory),
  ]);
  const all = await Promise.all(
    hypervisors.map(async (host, index) => {
      const port = net.ports[index];
      assert.ok(port);
      const userData = ["ping", "watch"].map((word) => `${word} ${addresses[1 - index]}\n`).join("");
      const order = { name: `demo-${index + 1}`, image: image.row, flavor: kinds.small, port, userData, host };
      const ordered = await server(api, { ...order, newKey: key !== "found" });
      return running(api, ordered.row);
    }),
  );
  return { all, image: image.row, flavor: kinds.small, network: net.network };
}

/** Waits until a server has said something on its console. */
export const says = (api: Api, one: Row, words: RegExp, seconds = 180): Promise<true> =>
  until(`${one["name"]} to say ${words}`, async () => words.test(await consoleLog(api, one)) || undefined, seconds);

const template = { heat_template_version: "2018-08-31", resources: { text: { type: "OS::Heat::RandomString" } } };

/**
 * Uses each part of the cloud once: a token, an image's list, a network with a server on each hypervisor, a volume, a stack; what was made is
 * removed again.
 */
export async function useAll({ image, flavor }: Servers): Promise<void> {
  const api = await openCloud();
  const name = `once-${randomUUID().slice(0, 8)}`;
  const compute = async (): Promise<void> => {
    const { network: own } = (await api.post("network", "/v2.0/networks", { network: { name } })) as { network: Row };
    const subnet = { name, network_id: own.id, ip_version: 4, cidr: "10.43.0.0/24" };
    await api.post("network", "/v2.0/subnets", { subnet });
    const ordered = await Promise.all(
      hypervisors.map(async (host) => {
        const wanted = {
          ...{ name: `${name}-${host}`, imageRef: image.id, flavorRef: flavor.id, networks: [{ uuid: own.id }] },
          availability_zone: `nova:${host}`,
        };
        return ((await api.post("compute", "/servers", { server: wanted })) as { server: Row }).server;
      }),
    );
    for (const one of ordered) await running(api, one);
    for (const one of ordered) await api.remove("compute", `/servers/${one.id}`);
    await until("its servers to be gone", async () => {
      const left = await api.list("compute", `/servers?name=^${name}`, "servers");
      return left.length === 0 ? true : undefined;
    });
    await api.remove("network", `/v2.0/networks/${own.id}`);
  };
  const volume = async (): Promise<void> => {
    const { volume: made } = (await api.post("volumev3", "/volumes", { volume: { name, size: 1 } })) as { volume: Row };
    await until("a volume to be available", async () => {
      const { volume: now } = (await api.get("volumev3", `/volumes/${made.id}`)) as { volume: Row };
      assert.notEqual(now["status"], "error");
      return now["status"] === "available" ? true : undefined;
    });
    await api.remove("volumev3", `/volumes/${made.id}`);
  };
  const stack = async (): Promise<void> => {
    const { stack: made } = (await api.post("orchestration", "/stacks", { stack_name: name, template })) as {
      stack: Row;
    };
    await until("a stack to be complete", async () => {
      const { stack: now } = (await api.get("orchestration", `/stacks/${name}/${made.id}`)) as { stack: Row };
      assert.doesNotMatch(String(now["stack_status"]), /FAILED/, String(now["stack_status_reason"]));
      return now["stack_status"] === "CREATE_COMPLETE" ? true : undefined;
    });
    await api.remove("orchestration", `/stacks/${name}/${made.id}`);
  };
  const listed = async (): Promise<void> => {
    assert.ok((await api.list("image", "/v2/images", "images")).length > 0);
  };
  await Promise.all([compute(), volume(), stack(), listed()]);
}

/** A pod of a Deployment has a name that no other will have. */
const podName = /-[0-9a-z]{6,10}-[0-9a-z]{5}$/;

/** Rows of services that are down: of `gone`, pods that there are no more, which jobs remove after a while; and of `here`, all others. */
export async function deadRows(): Promise<Readonly<Record<"gone" | "here", readonly string[]>>> {
  const api = await openCloud();
  const [services, neutron, there] = await Promise.all([
    downServices(api),
    api.list("network", "/v2.0/agents", "agents"),
    pods(),
  ]);
  const names = new Set(there.map(({ metadata }) => metadata.name));
  const dead = [...services, ...neutron.filter((row) => row["alive"] !== true)];
  const { gone = [], here = [] } = Object.groupBy(dead, (row) => {
    const host = String(row["host"]);
    return podName.test(host) && !names.has(host) ? "gone" : "here";
  });
  const text = (row: Row): string => `${String(row["binary"])} on ${String(row["host"])}`;
  return { gone: gone.map(text), here: here.map(text) };
}
