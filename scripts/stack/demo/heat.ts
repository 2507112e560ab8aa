import type { Api, Row } from "./api.ts";
import { type Ensured, ensure, until } from "./ensure.ts";

/** A network behind the demo's router, with a port that a server may take, a security group, and a volume. */
const template = (router: Row): unknown => ({
  heat_template_version: "2018-08-31",
  description: "A network of its own behind the demo's router, and what a server in it would need",
  resources: {
    network: { type: "OS::Neutron::Net", properties: { name: "demo-stack" } },
    subnet: {
      type: "OS::Neutron::Subnet",
      properties: { network: { get_resource: "network" }, cidr: "10.42.1.0/24" },
    },
    way_out: {
      type: "OS::Neutron::RouterInterface",
      properties: { router: router.id, subnet: { get_resource: "subnet" } },
    },
    web: {
      type: "OS::Neutron::SecurityGroup",
      properties: { name: "demo-stack", rules: [{ protocol: "tcp", port_range_min: 80, port_range_max: 80 }] },
    },
    port: {
      type: "OS::Neutron::Port",
      properties: {
        name: "demo-stack",
        network: { get_resource: "network" },
        fixed_ips: [{ subnet: { get_resource: "subnet" } }],
        security_groups: [{ get_resource: "web" }],
      },
    },
    data: { type: "OS::Cinder::Volume", properties: { name: "demo-stack", size: 1 } },
  },
  outputs: {
    address: { description: "Of the port", value: { get_attr: ["port", "fixed_ips", 0, "ip_address"] } },
  },
});

/** A stack of that template. One that failed is made again. @returns it with its outputs. */
export async function heatStack(api: Api, router: Row): Promise<Ensured> {
  const ensured = await ensure(api, {
    service: "orchestration",
    path: "/stacks",
    query: "name=demo",
    key: "stacks",
    name: "demo",
    one: (id) => `/stacks/demo/${id}`,
    serves: (row) => /^(CREATE|UPDATE|CHECK|RESUME)_(COMPLETE|IN_PROGRESS)$/.test(String(row["stack_status"])),
    make: async () =>
      (await api.post("orchestration", "/stacks", { stack_name: "demo", template: template(router), timeout_mins: 5 }))[
        "stack"
      ] as Row,
  });
  const row = await until("the stack to complete", async () => {
    const { stack } = (await api.get("orchestration", `/stacks/demo/${ensured.row.id}`)) as { readonly stack: Row };
    const status = String(stack["stack_status"]);
    if (/FAILED/.test(status)) throw new Error(`stack demo is ${status}: ${stack["stack_status_reason"]}`);
    return /COMPLETE/.test(status) ? stack : undefined;
  });
  return { ...ensured, row };
}
