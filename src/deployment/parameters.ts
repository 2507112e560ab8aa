import type { Parameter } from "../baked/baked.ts";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { addresses as addressRows, ownAddresses } from "../openstack/addresses.ts";
import { machineParameters } from "../openstack/hypervisor.ts";
import { inRange } from "../openstack/releases.ts";
import { secrets as secretRows } from "../openstack/secrets.ts";
import { placeAt } from "../settings/places.ts";
import type { Namespace, SecretUse } from "./deployment.ts";
import { deploymentMessage } from "./messages.ts";
import { addressesOf, type Layout, nth, portsOf, publicPorts, serviceNameOf } from "./plan.ts";
import type { WorkloadRequest } from "./requests.ts";
import { uuidOf } from "./uuid.ts";

/** @returns the part of an image's contract that is one service's. */
export const contractOf = ({ source, service }: WorkloadRequest): readonly Parameter[] =>
  source.details.contract.filter(({ neededBy }) => neededBy === undefined || neededBy.includes(service));

/** @returns where the model uses a dynamic parameter first. */
function placeOfUse({ source: { details } }: WorkloadRequest, parameter: string): Place | undefined {
  const use = details.contract.find(({ name }) => name === parameter)?.usedAt[0];
  return use && placeAt(details, details.positions[use.path]);
}

/** @returns which secrets fill which parameters of a service. */
export function secretsOf(asked: WorkloadRequest, diagnostics: Diagnostic[]): readonly SecretUse[] {
  const { name: image, node } = asked.source.recipe;
  return contractOf(asked).flatMap(({ name: parameter, secret, required }): readonly SecretUse[] => {
    if (!secret) return [];
    const row = secretRows.find(({ fills }) => fills.some((one) => one.image === image && one.parameter === parameter));
    if (row) return [{ secret: row.name, parameter }];
    if (required) {
      const unmade = deploymentMessage("secret-unmade", { node, parameter }, placeOfUse(asked, parameter));
      diagnostics.push({ ...unmade, node, path: parameter });
    }
    return [];
  });
}

/** What a container on a hypervisor is told about where it is; `undefined` for the control plane. */
type Where = { readonly namespace: Namespace; readonly index: number } | undefined;

/** @returns the port of the machine at which the consoles of a hypervisor's servers are; undefined where nobody publishes it. */
function consolePort({ services }: Layout, index: number): string | undefined {
  const isConsole = (one: WorkloadRequest): boolean => addressesOf(one).some(({ portName }) => portName === "console");
  const [published] = services.filter(isConsole).flatMap(publicPorts);
  return published && String(published.port + index);
}

/** @returns the names by which a server is called: those that its image knows, its own, and HAProxy's where that is before it. */
function namesOf(asked: WorkloadRequest, { proxy, services, engine }: Layout, own: string | undefined): string {
  const [port = ""] = Object.keys(portsOf(asked));
  const name = serviceNameOf(asked, port, services, engine);
  const inNamespace = engine.pods ? [`${name}.${asked.source.recipe.deployName}`] : [];
  const listed = (own ?? "").split(",").filter(Boolean);
  return [...new Set([...listed, name, ...inNamespace, ...(proxy ? [proxy.name] : [])])].join(",");
}

/** Stands for an address that only the engine knows: no parameter can have this value. */
const podAddress = "\0";

/** @returns the value of a parameter by which a container is told about itself. */
function ownValue(
  is: Exclude<(typeof ownAddresses)[number]["is"], "names">,
  { source: { recipe } }: WorkloadRequest,
  layout: Layout,
  where: Where,
  own: string | undefined,
): string | undefined {
  const { whole } = layout;
  const onHost = whole.controlNetwork === "host";
  // Where an address is listened at that asks nobody for a login, it must not be one that everybody reaches.
  if (is === "listen") return onHost ? `${whole.network}.1` : "0.0.0.0";
  if (where === undefined) return undefined;
  if (is === "name") return where.namespace.name;
  if (is === "address") return layout.engine.pods ? podAddress : where.namespace.inside;
  if (is === "uuid") return own || uuidOf(`${recipe.deployName}/${where.namespace.name}`);
  // A pod has one network. Which device leads outside is for the operator to say.
  if (is === "bridges" && layout.engine.pods) return undefined;
  // By the outside, guests would reach the machine's addresses, where a control plane on its own network listens.
  if (is === "bridges") return onHost ? "" : "br-ex:eth1";
  return consolePort(layout, where.index);
}

/** @returns the names of all replicas of a service, for HAProxy; of a hypervisor's service, that of the first hypervisor. */
function serversOf(parameter: string, { services, namespaces }: Layout): string | undefined {
  const one = services.find((service) => addressesOf(service).some(({ proxy }) => proxy?.parameter === parameter));
  if (!one) return undefined;
  if (one.workload.namespace === "joins") return namespaces[0]?.holder;
  return Array.from({ length: one.replicas }, (_, index) => nth(one.name, index)).join(",");
}

/** @returns the values of a container's parameters, all of its contract that is not its image's own; and those that are its address. */
export function parametersOf(
  asked: WorkloadRequest,
  layout: Layout,
  where: Where,
  diagnostics: Diagnostic[],
): { readonly parameters: Readonly<Record<string, string>>; readonly addressed: readonly string[] } {
  const { node } = asked.source.recipe;
  const given: Record<string, string> = {};
  const addressed: string[] = [];
  for (const { name, secret, required, default: own, neededBy } of contractOf(asked)) {
    if (secret) continue;
    const address = layout.addresses.find(({ parameter }) => parameter === name);
    const self = ownAddresses.find(({ parameter }) => parameter === name);
    const value =
      address?.host ??
      (self && (self.is === "names" ? namesOf(asked, layout, own) : ownValue(self.is, asked, layout, where, own))) ??
      serversOf(name, layout) ??
      (machineParameters.includes(name) ? own : undefined);
    if (value === podAddress) addressed.push(name);
    else if (value !== undefined) given[name] = value;
    else if (required) {
      const { release } = asked.source.recipe;
      const row = addressRows.find((one) => one.parameter === name && inRange(one, release));
      const place = placeOfUse(asked, name);
      const wrong = row
        ? deploymentMessage(
            "address-unanswered",
            { node, parameter: name, image: row.image, wanted: row.service },
            place,
          )
        : deploymentMessage("parameter-unfilled", { node, parameter: name, services: neededBy ?? [] }, place);
      diagnostics.push({ ...wrong, node, path: name });
    }
  }
  return { parameters: given, addressed };
}
