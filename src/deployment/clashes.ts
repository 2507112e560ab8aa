import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { placeOf } from "../pillar/place.ts";
import { plainOf, standingAt } from "../pillar/value.ts";
import { valueAt } from "../schema/json.ts";
import { references } from "../settings/interpolate.ts";
import { placeAt } from "../settings/places.ts";
import type { Workload } from "./deployment.ts";
import { deploymentMessage } from "./messages.ts";
import { groupOf, type Layout, portBefore, portsOf, publicPorts } from "./plan.ts";
import type { ImageSource, WorkloadRequest } from "./requests.ts";

/** What cannot be together in one deployment, though each part of it alone is right. */

/** Addresses that the engine gives out in the network of containers (src/compose), some left for what is run by hand. */
const roomInside = 120;
/** Fixed addresses of hypervisors: from 21 on, below those that are given out. */
const roomForHypervisors = 100;

/** @returns the place of a setting in the model. */
const placeOfSetting = ({ details }: ImageSource, path: string): Place | undefined =>
  placeAt(details, details.positions[path]);

/** A server's port: of which network, who listens, and where the model says so. */
type Listening = {
  /** Two with the same text here cannot have the same port. */
  readonly at: string;
  readonly port: number;
  readonly who: string;
  readonly node: string;
  readonly path: string;
  readonly place: Place | undefined;
  /** The number itself stands there, and not a parameter that has it. */
  readonly direct: boolean;
};

/** @returns what listens in networks that several servers share: a hypervisor's, a pod's, the machine's own, HAProxy's container. */
function listening(layout: Layout, workloads: readonly Workload[]): readonly Listening[] {
  return layout.services.flatMap((asked): readonly Listening[] => {
    const { source, name, service } = asked;
    const workload = workloads.find((one) => one.name === name);
    const { node } = source.recipe;
    const onHost = workload?.network === "host" ? "the machine's own network" : undefined;
    const inPod = layout.engine.pods ? `the pod ${groupOf(asked, layout.engine)}` : onHost;
    const shared = asked.workload.namespace === undefined ? inPod : "the network of a hypervisor";
    const numbers = portsOf(asked);
    const own = Object.entries(source.image.services[service]?.ports ?? {}).flatMap(
      ([key, text]): readonly Listening[] => {
        const [path = ""] = references(text);
        const place = placeOfSetting(source, path);
        const direct = typeof valueAt(source.image.pillar, path) === "number";
        return [
          { at: shared ?? `the container ${name}`, port: numbers[key] ?? 0, who: name, node, path, place, direct },
        ];
      },
    );
    // On the machine's own network nothing can have replicas, which is told already.
    if (asked !== layout.proxy || workload?.network === "host") return own;
    const listen = valueAt(source.image.pillar, "listen") as Readonly<Record<string, { readonly port?: unknown }>>;
    const passed = Object.entries(listen).map(([key, { port }]): Listening => {
      const path = `listen.${key}.port`;
      const who = `${name}'s ${key}`;
      return {
        at: shared ?? `the container ${name}`,
        port: Number(port),
        who,
        node,
        path,
        place: placeOfSetting(source, path),
        direct: true,
      };
    });
    return [...own, ...passed];
  });
}

function listenedTwice(layout: Layout, workloads: readonly Workload[]): readonly Diagnostic[] {
  const taken = new Map<string, Listening>();
  return listening(layout, workloads).flatMap((one): readonly Diagnostic[] => {
    const key = `${one.at} ${one.port}`;
    const other = taken.get(key);
    taken.set(key, one);
    if (!other) return [];
    const message = { port: one.port, one: other.who, other: one.who, at: one.at };
    const { place, node, path } = one.direct ? one : other;
    return [{ ...deploymentMessage("port-taken", message, place), node, path }];
  });
}

/** @returns what is published twice, and what would be published at a port that there is not. */
function publishedTwice({ services, proxy }: Layout): readonly Diagnostic[] {
  const taken: { readonly address: string; readonly port: number; readonly name: string }[] = [];
  return services.flatMap((asked): readonly Diagnostic[] => {
    const { published, name, workload, placement, replicas, service, source } = asked;
    const where = { node: source.recipe.node, path: `_workload:published:${service}` };
    const all = publicPorts(asked).flatMap(({ name: key, address, port }) => {
      const count = portBefore(asked, key, proxy) === undefined ? replicas : 1;
      const length = workload.runs === "hypervisor" ? placement.length : count;
      return Array.from({ length }, (_, index) => ({ address, port: port + index }));
    });
    return all.flatMap(({ address, port }): readonly Diagnostic[] => {
      const place = published?.place;
      const other = taken.find(
        (one) => one.port === port && (one.address === address || [one.address, address].includes("0.0.0.0")),
      );
      taken.push({ address, port, name });
      const high = port > 65535 ? [deploymentMessage("port-too-high", { name, port }, place)] : [];
      const message = { port: `${address}:${port}`, one: other?.name ?? "", other: name };
      const twice = other ? [deploymentMessage("port-twice", message, place)] : [];
      return [...high, ...twice].map((one) => ({ ...one, ...where }));
    });
  });
}

/** @returns directories of the machine that two volumes would have. */
function directoriesTwice({ services }: Layout): readonly Diagnostic[] {
  const taken = new Map<string, string>();
  const images = new Map(services.map((one) => [one.source.recipe.node, one]));
  return [...images.values()].flatMap(({ storage, source: { recipe } }) =>
    [...storage].flatMap(([volume, { directory, place }]): readonly Diagnostic[] => {
      if (directory === undefined) return [];
      const other = taken.get(directory);
      taken.set(directory, volume);
      if (other === undefined || other === volume) return [];
      const wrong = deploymentMessage("directory-twice", { directory, one: other, other: volume }, place);
      return [{ ...wrong, node: recipe.node, path: `_workload:storage:${volume}:directory` }];
    }),
  );
}

/** @returns hypervisors without what others there need of it: a directory that nobody on that hypervisor fills. */
function unfilled({ services, namespaces }: Layout): readonly Diagnostic[] {
  const directories = services.flatMap((one) =>
    (one.workload.keeps ?? []).flatMap((directory) =>
      "volume" in directory && directory.of === "host" ? [{ one, directory }] : [],
    ),
  );
  return namespaces.flatMap(({ name: host }) =>
    directories.flatMap(({ one, directory }): readonly Diagnostic[] => {
      if (directory.fills || !one.placement.includes(host)) return [];
      const filling = directories.filter(
        (other) => other.directory.volume === directory.volume && other.directory.fills,
      );
      const [first] = filling;
      if (!first || filling.some((other) => other.one.placement.includes(host))) return [];
      const { node } = one.source.recipe;
      const message = {
        workload: one.name,
        hypervisor: host,
        needs: first.one.name,
        image: first.one.source.recipe.node,
      };
      const wrong = deploymentMessage("hypervisor-incomplete", message, first.one.places.placement);
      return [{ ...wrong, node, path: "_workload:placement" }];
    }),
  );
}

/** @returns images that two nodes of the model are. */
function imagesTwice({ services }: Layout): readonly Diagnostic[] {
  const images = Map.groupBy(services, ({ name }) => name);
  return [...images.values()].flatMap(([one, other]) =>
    one && other
      ? [
          deploymentMessage("image-twice", {
            image: one.source.recipe.name,
            one: one.source.recipe.node,
            other: other.source.recipe.node,
          }),
        ]
      : [],
  );
}

/** @returns hypervisors that have the name of a container: both are host names. */
function hypervisorsNamed({ services, namespaces }: Layout, workloads: readonly Workload[]): readonly Diagnostic[] {
  const names = workloads.flatMap(({ containers }) => containers.map(({ name }) => name));
  return namespaces
    .filter(({ name }) => names.includes(name))
    .map(({ name }): Diagnostic => {
      const { places, source } = services.find(({ placement }) => placement.includes(name)) as WorkloadRequest;
      const wrong = deploymentMessage("hypervisor-named-service", { hypervisor: name }, places.placement);
      return { ...wrong, node: source.recipe.node, path: "_workload:placement" };
    });
}

function tooMany({ namespaces, services }: Layout, workloads: readonly Workload[]): readonly Diagnostic[] {
  const inside = workloads
    .filter(({ network, byHand }) => network === "containers" && !byHand)
    .flatMap(({ containers }) => containers.filter(({ namespace, address }) => namespace === null && !address));
  const [most] = services.toSorted((one, other) => other.replicas - one.replicas);
  const first = services.find(({ workload }) => workload.namespace === "holds");
  const full = { count: inside.length, room: roomInside };
  const hosts = { count: namespaces.length, room: roomForHypervisors };
  const of = (key: string, asked: WorkloadRequest | undefined): Pick<Diagnostic, "node" | "path"> =>
    asked ? { node: asked.source.recipe.node, path: `_workload:${key}` } : {};
  return [
    ...(inside.length > roomInside
      ? [{ ...deploymentMessage("containers-too-many", full, most?.places.replicas), ...of("replicas", most) }]
      : []),
    ...(namespaces.length > roomForHypervisors
      ? [{ ...deploymentMessage("hypervisors-too-many", hosts, first?.places.placement), ...of("placement", first) }]
      : []),
  ];
}

/** What no engine could make work. */
export const clashesAnywhere = (layout: Layout, workloads: readonly Workload[]): readonly Diagnostic[] => [
  ...imagesTwice(layout),
  ...listenedTwice(layout, workloads),
  ...directoriesTwice(layout),
  ...unfilled(layout),
];

/** What one machine could not. */
export const clashes = (layout: Layout, workloads: readonly Workload[]): readonly Diagnostic[] => [
  ...clashesAnywhere(layout, workloads),
  ...hypervisorsNamed(layout, workloads),
  ...publishedTwice(layout),
  ...tooMany(layout, workloads),
];

/** What all nodes of a deployment have alike: each container's image is called by it, and each is in the same networks. */
const alike = ["_param:release", "_image:registry", "_image:deploy_name", "_deployment"] as const;

/** @returns nodes that say something else than the first of what holds for the whole deployment. */
export function differences(sources: readonly ImageSource[]): readonly Diagnostic[] {
  const [first, ...others] = sources;
  if (!first) return [];
  return others.flatMap((one) =>
    alike.flatMap((path): readonly Diagnostic[] => {
      const [own, usual] = [one, first].map(({ parameters }) => plainAt(parameters, path));
      if (own?.text === usual?.text) return [];
      const message = { node: one.recipe.node, path, other: first.recipe.node };
      const place = own?.at && placeOf(own.at);
      return [{ ...deploymentMessage("nodes-differ", message, place), node: one.recipe.node, path }];
    }),
  );
}

/** @returns what a node has at a path, as text to compare, and where. */
function plainAt(parameters: ImageSource["parameters"], path: string) {
  const here = standingAt(parameters, path);
  return here && { text: JSON.stringify(plainOf(here)), at: here.at };
}
