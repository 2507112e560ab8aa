import { type Diagnostic, failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import { onceEach } from "../../diagnostics/once.ts";
import type { SecretObject } from "../../secrets/object.ts";
import type { Answer, Cluster } from "./api.ts";
import { clusterMessage, refusalMessage } from "./messages.ts";

type Name = { readonly namespace: string; readonly name: string };

const directoryOf = (namespace: string): string => `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
const pathOf = ({ namespace, name }: Name): string => `${directoryOf(namespace)}/secrets/${encodeURIComponent(name)}`;

/**
 * @returns what a refusal means. `what` is what was asked for: `create`. What is forbidden is so for all Secrets of a namespace
 * mostly, and is told in the same words for each.
 */
function refused(what: string, { namespace, name }: Name, { status, said }: Answer): Diagnostic {
  if (status === 401 || status === 403) {
    const inGeneral = said.replace(/^secrets "[^"]*" is forbidden/, "secrets is forbidden");
    return clusterMessage("cluster-forbids", {
      what: `${what} Secrets in the namespace ${namespace}`,
      status,
      said: inGeneral,
    });
  }
  return refusalMessage({ what: `${what} the Secret ${namespace}/${name}`, status, said });
}

/** Calls a function for each item, so many at a time. @returns the results in the items' order. */
async function eachOf<T, R>(items: readonly T[], atOnce: number, call: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of rest) results[index] = await call(item);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}

/** @returns the values of results, or all that is wrong, once each: a cluster that cannot be reached is one mistake. */
function together<T>(results: readonly Result<T>[]): Result<readonly T[]> {
  const wrong = results.flatMap((result) => (result.ok ? [] : result.diagnostics));
  if (wrong.length > 0) return failure(onceEach(wrong));
  return success(results.flatMap((result) => (result.ok ? [result.value] : [])));
}

/** @returns a Secret, or undefined where there is none of this name. */
export async function readSecret({ ask }: Cluster, name: Name): Promise<Result<SecretObject | undefined>> {
  const answer = await ask("GET", pathOf(name));
  if (!answer.ok) return answer;
  if (answer.value.status === 404) return success(undefined);
  if (answer.value.status !== 200) {
    return failure([refused("get", name, answer.value)]);
  }
  return success(answer.value.body as SecretObject);
}

/** Lists the Secrets of a namespace, which takes one question. @returns undefined where that needs a right that the user lacks. */
async function listSecrets({ ask }: Cluster, namespace: string): Promise<Result<readonly SecretObject[] | undefined>> {
  const answer = await ask("GET", `${directoryOf(namespace)}/secrets`);
  if (!answer.ok) return answer;
  if (answer.value.status !== 200) return success(undefined);
  return success((answer.value.body as { items?: readonly SecretObject[] }).items ?? []);
}

/** @returns the Secrets that there are of those that are named. */
export async function readSecrets(cluster: Cluster, names: readonly Name[]): Promise<Result<readonly SecretObject[]>> {
  const namespaces = [...new Set(names.map(({ namespace }) => namespace))];
  const read = await eachOf(namespaces, cluster.asMany, async (namespace): Promise<Result<readonly SecretObject[]>> => {
    const own = names.filter((name) => name.namespace === namespace);
    const listed = await listSecrets(cluster, namespace);
    if (!listed.ok) return listed;
    if (listed.value) {
      return success(listed.value.filter(({ metadata }) => own.some(({ name }) => name === metadata.name)));
    }
    const each = together(await eachOf(own, cluster.asMany, (name) => readSecret(cluster, name)));
    return each.ok ? success(each.value.flatMap((secret) => secret ?? [])) : each;
  });
  const all = together(read);
  return all.ok ? success(all.value.flat()) : all;
}

/** Tells of namespaces that are not there, or end. Who may not look at namespaces learns of it when something is created. */
export async function checkNamespaces({ ask, asMany }: Cluster, names: readonly string[]): Promise<Result<unknown>> {
  const looked = await eachOf(names, asMany, async (namespace): Promise<Result<unknown>> => {
    const answer = await ask("GET", directoryOf(namespace));
    if (!answer.ok) return answer;
    if (answer.value.status === 404) return failure([clusterMessage("namespace-missing", { namespace })]);
    const { status } = (answer.value.body ?? {}) as { status?: { phase?: string } };
    if (status?.phase === "Terminating") return failure([clusterMessage("namespace-ending", { namespace })]);
    return success(undefined);
  });
  return together(looked);
}

/** @returns whether the Secret was made: false where somebody else was faster. */
async function createSecret({ ask }: Cluster, secret: SecretObject): Promise<Result<boolean>> {
  const { namespace } = secret.metadata;
  const answer = await ask("POST", `${directoryOf(namespace)}/secrets`, secret);
  if (!answer.ok) return answer;
  const { status } = answer.value;
  if (status === 404) return failure([clusterMessage("namespace-missing", { namespace })]);
  if (status === 409) return success(false);
  return status < 300 ? success(true) : failure([refused("create", secret.metadata, answer.value)]);
}

/** Creates Secrets. @returns those that were made: not those which somebody else made meanwhile. */
export async function createSecrets(
  cluster: Cluster,
  secrets: readonly SecretObject[],
): Promise<Result<readonly SecretObject[]>> {
  const made = together(await eachOf(secrets, cluster.asMany, (secret) => createSecret(cluster, secret)));
  return made.ok ? success(secrets.filter((_, index) => made.value[index])) : made;
}

/** Replaces a Secret that was read. @returns false where it was changed since. */
export async function replaceSecret({ ask }: Cluster, secret: SecretObject): Promise<Result<boolean>> {
  const answer = await ask("PUT", pathOf(secret.metadata), secret);
  if (!answer.ok) return answer;
  const { status } = answer.value;
  // 404: it was deleted meanwhile, which the next look tells.
  if (status === 409 || status === 404) return success(false);
  return status < 300 ? success(true) : failure([refused("update", secret.metadata, answer.value)]);
}
