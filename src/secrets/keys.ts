import { type Data, encode, type SecretObject, stagedAnnotation } from "./object.ts";
import { type Early, isKeyName, keyNumbers, planRotation, type Rotation, type Unsettled } from "./rotation.ts";

/** A Secret with rotated keys, for an update; or why its keys are not rotated now. */
export type RotatedSecret = { readonly primary: number; readonly secret: SecretObject } | Early | Unsettled;

/**
 * The latest moment at which somebody can have put a key into a Secret that has no note of when: the API server notes the last
 * change by each client.
 */
function changedAt({ metadata: { creationTimestamp, managedFields = [] } }: SecretObject, now: number): number {
  const times = [creationTimestamp, ...managedFields.map(({ time }) => time)].flatMap((time) => {
    const at = Date.parse(time ?? "");
    return Number.isNaN(at) ? [] : [at];
  });
  return times.length === 0 ? now : Math.max(...times);
}

function notedIn({ metadata }: SecretObject): Readonly<Record<string, unknown>> {
  try {
    const noted: unknown = JSON.parse(metadata.annotations?.[stagedAnnotation] ?? "{}");
    return noted !== null && typeof noted === "object" ? (noted as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** @returns a function that tells when a key of the repository in a Secret was staged, in milliseconds since 1970. */
function stagingOf(secret: SecretObject, now: number): (key: number) => number {
  const noted = notedIn(secret);
  const otherwise = changedAt(secret, now);
  return (key) => {
    const at = noted[String(key)];
    return typeof at === "number" ? Math.min(at, now) : otherwise;
  };
}

/**
 * Rotates the repository of keys that a Secret holds. What else the Secret has stays.
 *
 * @param newKey a Fernet key.
 * @param now milliseconds since 1970.
 */
export function rotateSecret(secret: SecretObject, rotation: Rotation, newKey: string, now: number): RotatedSecret {
  const data: Data = secret.data ?? {};
  const stagedAt = stagingOf(secret, now);
  const step = planRotation(Object.keys(data), stagedAt, rotation, now);
  if (!("primary" in step)) return step;
  const going = step.completes ? [] : step.going;
  const kept = keyNumbers(Object.keys(data)).filter((key) => key !== 0 && !going.includes(key));
  const others = Object.entries(data).filter(([name]) => !isKeyName(name));
  const own: (readonly [key: number, base64: string, staged: number])[] = [
    [0, encode(newKey), now],
    ...kept.map((key) => [key, data[String(key)] ?? "", stagedAt(key)] as const),
    ...(step.completes ? [] : [[step.primary, data["0"] ?? "", stagedAt(0)] as const]),
  ];
  const staged = JSON.stringify(Object.fromEntries(own.map(([key, , at]) => [key, at])));
  return {
    primary: step.primary,
    secret: {
      ...secret,
      metadata: { ...secret.metadata, annotations: { ...secret.metadata.annotations, [stagedAnnotation]: staged } },
      data: Object.fromEntries([...own.map(([key, base64]) => [String(key), base64]), ...others]),
    },
  };
}
