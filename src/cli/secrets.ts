import { kubernetesEngine } from "../deployment/engine.ts";
import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { newKey } from "../host/keys.ts";
import type { Cluster } from "../host/kubernetes/api.ts";
import { openCluster } from "../host/kubernetes/cluster.ts";
import { checkNamespaces, createSecrets, readSecrets } from "../host/kubernetes/secrets.ts";
import { randomText, readSecretDirectory } from "../host/secret-directory.ts";
import { readManifests, writeManifests } from "../host/secret-manifests.ts";
import { madeOnceByFlux } from "../secrets/file.ts";
import { secretMessage } from "../secrets/messages.ts";
import { type Data, decode, encode, isSame, placeOf, type SecretObject, valueKey } from "../secrets/object.ts";
import { type Existing, faultsOf, placesOf, planSecrets } from "../secrets/plan.ts";
import { type WantedSecret, wantedSecrets } from "../secrets/wanted.ts";
import { templatesBeside } from "./baking.ts";
import { describeModel, templatesIn } from "./describing.ts";
import { cliMessage } from "./messages.ts";
import { modelOptions, openNamed } from "./model/opened.ts";
import { ourselves } from "./owned.ts";
import { nodeOptions } from "./source.ts";
import { type Arguments, type Context, type Options, text, type Verb, valueOrStatus } from "./verb.ts";

/** Which cluster is meant. */
export const clusterOptions = {
  context: { type: "string", describe: "The context of kubectl's configuration that names the cluster" },
  kubeconfig: { type: "string", describe: "kubectl's configuration, in place of KUBECONFIG or ~/.kube/config" },
} as const satisfies Options;

/** Where Secrets are kept. `create` gives those that it made. */
type Store = {
  readonly what: string;
  readonly read: (names: ReturnType<typeof placesOf>) => Promise<Result<Existing>>;
  readonly create: (secrets: readonly SecretObject[]) => Promise<Result<readonly SecretObject[]>>;
};

const clusterStore = (cluster: Cluster): Store => ({
  what: "the cluster",
  async read(names) {
    const there = await checkNamespaces(cluster, [...new Set(names.map(({ namespace }) => namespace))]);
    if (!there.ok) return there;
    const read = await readSecrets(cluster, names);
    if (!read.ok) return read;
    return success(new Map(byPlace(read.value)));
  },
  create: (secrets) => createSecrets(cluster, secrets),
});

const directoryStore = (directory: string): Store => ({
  what: directory,
  read: async (names) => readManifests(directory, names),
  create: async (secrets) => {
    const marked = secrets.map((secret): SecretObject => {
      const { metadata } = secret;
      if (metadata.annotations === undefined) return secret;
      return { ...secret, metadata: { ...metadata, annotations: { ...metadata.annotations, ...madeOnceByFlux } } };
    });
    return writeManifests(directory, marked, ourselves());
  },
});

/** The first keys of a repository as keystone-manage makes them: 1 is primary, 0 is staged. */
const made = ({ holds }: WantedSecret): Data =>
  holds.kind === "value"
    ? { [valueKey]: encode(randomText(holds.made)) }
    : { "0": encode(newKey()), "1": encode(newKey()) };

/** From the first of two namespaces to the second, and a look at what came of it. */
const mostRounds = 4;

const byPlace = (secrets: readonly SecretObject[]) =>
  secrets.map((one) => [placeOf(one.metadata.namespace, one.metadata.name), one] as const);

/** Makes what is missing. @returns what there is then, and the places of what was made. */
async function makeMissing(
  store: Store,
  instance: string,
  wanted: readonly WantedSecret[],
  make: (wanted: WantedSecret) => Data,
  context: Context,
): Promise<Result<{ readonly existing: Existing; readonly made: readonly string[] }>> {
  const done: string[] = [];
  let known: Existing | undefined;
  for (let round = 0; round < mostRounds; round++) {
    const read: Result<Existing> = known ? success(known) : await store.read(placesOf(wanted));
    if (!read.ok) return read;
    const existing = read.value;
    const texts = [...existing.values()].flatMap((one) => (one === "sealed" ? [] : Object.values(one.data ?? {})));
    context.protect([...texts, ...texts.map(decode)]);
    const planned = planSecrets(instance, wanted, existing, { make, now: Date.now() });
    if (!planned.ok) return planned;
    if (planned.value.length === 0) return success({ existing, made: done });
    const created = await store.create(planned.value);
    if (!created.ok) return created;
    done.push(...created.value.map(({ metadata }) => placeOf(metadata.namespace, metadata.name)));
    // Where somebody else was faster, theirs counts.
    known = created.value.length < planned.value.length ? undefined : new Map([...existing, ...byPlace(created.value)]);
  }
  return failure([secretMessage("secrets-contended", { what: store.what })]);
}

/** @returns a warning for each secret that the directory has, and the cluster had before, with another value. */
const kept = (
  from: string,
  wanted: readonly WantedSecret[],
  imported: ReadonlyMap<string, Data>,
  existing: Existing,
): readonly Diagnostic[] =>
  wanted.flatMap(({ name, namespaces: [first = ""] }) => {
    const at = placeOf(first, name);
    const [own, there] = [imported.get(name), existing.get(at)];
    if (own === undefined || there === undefined || there === "sealed" || isSame(own, there.data ?? {})) return [];
    return [secretMessage("secret-kept", { at, from: `${from}/${name}` })];
  });

async function run(args: Arguments, context: Context): Promise<number> {
  const [output, from, checks] = [text(args, "output"), text(args, "from"), args["check"] === true];
  if (checks && (output ?? from) !== undefined) {
    const problem = "--check looks at the cluster and makes nothing: leave --output and --from out";
    return context.report([cliMessage("usage", { problem, verb: "secrets" })]);
  }
  const opened = valueOrStatus(openNamed(args, context), context);
  if ("status" in opened) return opened.status;
  const load = templatesIn(text(args, "templates") ?? templatesBeside());
  const described = valueOrStatus(describeModel(opened.value.model, load, kubernetesEngine), context);
  if ("status" in described) return described.status;
  const { name } = described.value;
  const wanted = wantedSecrets(described.value);
  const which = { context: text(args, "context"), kubeconfig: text(args, "kubeconfig") };
  const store =
    output === undefined
      ? clusterStore(openCluster(which, context.environment, context.passed).cluster)
      : directoryStore(output);

  if (checks) {
    const read = valueOrStatus(await store.read(placesOf(wanted)), context);
    if ("status" in read) return read.status;
    const wrong = faultsOf(wanted, read.value);
    if (wrong.length === 0) context.log.info(`${placesOf(wanted).length} Secrets of ${name} are there`);
    return context.report(wrong);
  }
  const imported = valueOrStatus(
    from === undefined ? success(new Map<string, Data>()) : readSecretDirectory(from, wanted),
    context,
  );
  if ("status" in imported) return imported.status;
  const make = (one: WantedSecret): Data => imported.value.get(one.name) ?? made(one);
  const done = valueOrStatus(await makeMissing(store, name, wanted, make, context), context);
  if ("status" in done) return done.status;
  const { existing, made: places } = done.value;
  if (from !== undefined) context.report(kept(from, wanted, imported.value, existing));
  const there = placesOf(wanted).length - places.length;
  context.log.info({ made: places }, `made ${places.length} Secrets of ${name} in ${store.what}; ${there} were there`);
  return 0;
}

export const secrets: Verb = {
  name: "secrets",
  summary:
    "Make the Secrets of Kubernetes that the model's deployment has not got yet, in the cluster or as manifests; none is changed or shown",
  positional: "",
  options: {
    ...modelOptions,
    templates: nodeOptions.templates,
    output: {
      type: "string",
      describe:
        "Directory of manifests to add to (mode 0600), such as for SOPS; left out, they are made in the cluster",
    },
    from: {
      type: "string",
      describe:
        "Directory with a file for each secret, as plinth compose makes it: what it has is taken, the rest is made",
    },
    check: {
      type: "boolean",
      default: false,
      describe: "Make nothing: tell which Secrets the cluster lacks, and which of them cannot be used",
    },
    ...clusterOptions,
  },
  examples: [
    ["plinth secrets --context production", "makes what is missing in the cluster's namespaces"],
    [
      "plinth secrets --output secrets --from build/stack/plinth/secrets",
      "writes manifests with a Compose cloud's secrets",
    ],
    ["plinth secrets --check", "tells what the pods would wait for"],
  ],
  run,
};
