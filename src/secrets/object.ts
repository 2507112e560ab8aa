import { isKeyName } from "./rotation.ts";
import type { WantedSecret } from "./wanted.ts";

/** A Secret as Kubernetes' API has it, as far as anything is read of it. Values in `data` are base64. */
export type SecretObject = {
  readonly apiVersion: "v1";
  readonly kind: "Secret";
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    /** An update with it is refused when somebody else was faster. */
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly managedFields?: readonly { readonly time?: string }[];
  };
  readonly type?: string;
  readonly immutable?: boolean;
  readonly data?: Readonly<Record<string, string>>;
};

/** What a Secret holds: base64 by key. */
export type Data = Readonly<Record<string, string>>;

/** The key of a Secret that is one text. */
export const valueKey = "value";

/** When each key of a repository was staged: a JSON object, milliseconds since 1970 by the key's number. */
export const stagedAnnotation = "plinth/staged";

/** https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size: no Secret is larger. */
export const largestSecret = 1024 * 1024;

export const placeOf = (namespace: string, name: string): string => `${namespace}/${name}`;

export const encode = (text: string): string => Buffer.from(text).toString("base64");

/** @returns the text less one line break at its end, which does not belong to a secret (docs/secrets.md). */
export const withoutBreak = (text: string): string => text.replace(/\r?\n$/, "");

/** @returns the text of base64; what is not UTF-8 in it is replaced. */
export const decode = (base64: string): string => Buffer.from(base64, "base64").toString("utf8");

/** @returns a Secret as it is made, with the labels that all of plinth's objects have. */
export function newSecret(instance: string, namespace: string, { name, holds }: WantedSecret, data: Data, now: number) {
  const staged = JSON.stringify(Object.fromEntries(Object.keys(data).map((key) => [key, now])));
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name,
      namespace,
      labels: {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/instance": instance,
        "app.kubernetes.io/part-of": "openstack",
        "app.kubernetes.io/managed-by": "plinth",
      },
      ...(holds.kind === "keys" ? { annotations: { [stagedAnnotation]: staged } } : {}),
    },
    type: "Opaque",
    data,
  } as const satisfies SecretObject;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @returns why a text in base64 is no secret, as what follows its name; undefined where it is one. */
export function textFlaw(base64: string): string | undefined {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length > largestSecret) return "is larger than 1 MiB";
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return "is not UTF-8 (is it Latin-1, or binary?)";
  }
  if (text.startsWith("\ufeff")) return "begins with a byte order mark (EF BB BF)";
  if (text.includes("\0")) return "holds a NUL byte";
  if (withoutBreak(text) === "") return "is empty";
  return /[\r\n]/.test(withoutBreak(text)) ? "has more than one line" : undefined;
}

/** A Fernet key: 32 bytes in base64 (https://github.com/fernet/spec/blob/master/Spec.md). */
const fernetKey = /^[\w+/-]{43}=\n?$/;

/** @returns why a Secret is no repository of keys, as what follows its name. */
export function keysFlaw(data: Data): string | undefined {
  const names = Object.keys(data).filter(isKeyName);
  if (names.length === 0) return "has no keys of a key repository, which are called 0, 1, ...";
  const bad = names.filter((name) => !fernetKey.test(decode(data[name] ?? "")));
  if (bad.length > 0) return `has no Fernet key (32 bytes in URL-safe base64) below ${bad.join(", ")}`;
  return names.includes("0") ? undefined : "has no key 0, the staged one, without which keystone does not start";
}

/** @returns why pods cannot use a Secret, as what follows its name; undefined where they can. Nothing of a value is shown. */
export function flawOf({ holds }: Pick<WantedSecret, "holds">, { metadata, type, data = {} }: SecretObject) {
  if (metadata.deletionTimestamp !== undefined) return "is being deleted";
  if (holds.kind === "keys") return keysFlaw(data);
  const value = data[valueKey];
  if (value === undefined) {
    const others = Object.keys(data);
    const kind = type === undefined || type === "Opaque" ? "" : `, and is of type ${type}`;
    return `has no key ${valueKey}: ${others.length > 0 ? `it has ${others.join(", ")}` : "it is empty"}${kind}`;
  }
  const flaw = textFlaw(value);
  return flaw === undefined ? undefined : `has a key ${valueKey} that ${flaw}`;
}

/** @returns whether two Secrets mean the same to who reads them. */
export function isSame(one: Data, other: Data): boolean {
  const [left, right] = [one, other].map((data) =>
    Object.entries(data)
      .filter(([name]) => name === valueKey || isKeyName(name))
      .map(([name, value]) => `${name} ${withoutBreak(Buffer.from(value, "base64").toString("latin1"))}`)
      .sort(),
  );
  return JSON.stringify(left) === JSON.stringify(right);
}
