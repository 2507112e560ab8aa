import type { Api, Row } from "./api.ts";
import { type Ensured, ensure, type Outcome, worse } from "./ensure.ts";

/** The demo's own network: the first three numbers of its addresses. */
const inside = "10.42.0";

const owned = (api: Api, name: string): string => `name=${name}&project_id=${api.project}`;

/** One row of neutron's, by its name: `neutron(api, "network", "demo", {...})`. */
function neutron(api: Api, kind: string, name: string, body: Readonly<Record<string, unknown>>): Promise<Ensured> {
  const path = `/v2.0/${kind.replace(/_/g, "-")}s`;
  return ensure(api, {
    service: "network",
    path,
    query: owned(api, name),
    key: `${kind}s`,
    name,
    make: async () => (await api.post("network", path, { [kind]: { name, ...body } }))[kind] as Row,
  });
}

/** The network outside of the cloud, on the bridge that this machine has an address at. Another one that is there serves. */
async function outsideNetwork(api: Api, outside: string): Promise<Ensured> {
  const provider = "router:external=true&provider:physical_network=physnet1";
  const [there] = await api.list("network", `/v2.0/networks?${provider}`, "networks");
  const network: Ensured = there
    ? { row: there, outcome: "found" }
    : await neutron(api, "network", "outside", {
        "router:external": true,
        "provider:network_type": "flat",
        "provider:physical_network": "physnet1",
      });
  const subnets = await api.list("network", `/v2.0/subnets?network_id=${network.row.id}`, "subnets");
  if (subnets.length > 0) return network;
  await neutron(api, "subnet", "outside", {
    network_id: network.row.id,
    ip_version: 4,
    cidr: `${outside}.0/24`,
    gateway_ip: `${outside}.1`,
    allocation_pools: [{ start: `${outside}.10`, end: `${outside}.254` }],
    enable_dhcp: false,
  });
  return { ...network, outcome: network.outcome === "made" ? "made" : "repaired" };
}

export type Network = {
  readonly outside: Row;
  readonly network: Row;
  readonly router: Row;
  readonly ports: readonly [Row, Row];
  readonly outcome: Outcome;
};

/** The addresses of the two servers. */
export const addresses = [`${inside}.11`, `${inside}.12`] as const;

/** A network with a subnet, a router that leads outside, a security group, and a port for each of two servers. */
export async function network(api: Api, outside: string, nameServers: readonly string[]): Promise<Network> {
  const [external, own, group] = await Promise.all([
    outsideNetwork(api, outside),
    neutron(api, "network", "demo", {}),
    securityGroup(api),
  ]);
  const subnet = await neutron(api, "subnet", "demo", {
    network_id: own.row.id,
    ip_version: 4,
    cidr: `${inside}.0/24`,
    dns_nameservers: nameServers,
  });
  const gateway = { network_id: external.row.id };
  const router = await neutron(api, "router", "demo", { external_gateway_info: gateway });
  const [leg] = await api.list("network", `/v2.0/ports?device_id=${router.row.id}&network_id=${own.row.id}`, "ports");
  const joined = leg === undefined;
  if (joined) {
    await api.put("network", `/v2.0/routers/${router.row.id}/add_router_interface`, { subnet_id: subnet.row.id });
  }
  const led = router.row["external_gateway_info"] === null;
  if (led) {
    await api.put("network", `/v2.0/routers/${router.row.id}`, { router: { external_gateway_info: gateway } });
  }
  const port = (name: string, address: string): Promise<Ensured> =>
    neutron(api, "port", name, {
      network_id: own.row.id,
      fixed_ips: [{ subnet_id: subnet.row.id, ip_address: address }],
      security_groups: [group.row.id],
    });
  const [one, two] = await Promise.all([port("demo-1", addresses[0]), port("demo-2", addresses[1])]);
  const changed = router.outcome === "found" && (joined || led) ? (["repaired"] as const) : [];
  return {
    outside: external.row,
    network: own.row,
    router: router.row,
    ports: [one.row, two.row],
    outcome: worse([...[external, own, group, subnet, router, one, two].map(({ outcome }) => outcome), ...changed]),
  };
}

/** A security group that lets in pings, SSH and HTTP. */
async function securityGroup(api: Api): Promise<Ensured> {
  const group = await neutron(api, "security_group", "demo", { description: "ping, SSH and HTTP" });
  const there = group.row["security_group_rules"] as readonly Row[];
  const missing = [
    { protocol: "icmp", port_range_min: null, port_range_max: null },
    { protocol: "tcp", port_range_min: 22, port_range_max: 22 },
    { protocol: "tcp", port_range_min: 80, port_range_max: 80 },
  ]
    .map((rule) => ({ direction: "ingress", ethertype: "IPv4", remote_ip_prefix: null, ...rule }))
    .filter((rule) => !there.some((row) => Object.entries(rule).every(([key, value]) => row[key] === value)));
  await Promise.all(
    missing.map((rule) =>
      api.post("network", "/v2.0/security-group-rules", {
        security_group_rule: { security_group_id: group.row.id, ...rule },
      }),
    ),
  );
  return group.outcome === "found" && missing.length > 0 ? { ...group, outcome: "repaired" } : group;
}

/** A floating address that leads to a port. @returns the address. */
export async function floatingAddress(
  api: Api,
  external: Row,
  port: Row,
  description = "demo",
): Promise<{ readonly address: string; readonly outcome: Outcome }> {
  const listed = await api.list("network", `/v2.0/floatingips?project_id=${api.project}`, "floatingips");
  const there =
    listed.find((one) => one["port_id"] === port.id) ??
    listed.find((one) => one["description"] === description && one["floating_network_id"] === external.id);
  if (there?.["port_id"] === port.id) return { address: String(there["floating_ip_address"]), outcome: "found" };
  const { floatingip } = (await (there
    ? api.put("network", `/v2.0/floatingips/${there.id}`, { floatingip: { port_id: port.id } })
    : api.post("network", "/v2.0/floatingips", {
        floatingip: { floating_network_id: external.id, port_id: port.id, description },
      }))) as { readonly floatingip: Row };
  return { address: String(floatingip["floating_ip_address"]), outcome: there ? "repaired" : "made" };
}
