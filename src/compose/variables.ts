import type { Deployment } from "../deployment/deployment.ts";

/**
 * What whoever runs Compose may say otherwise than the model, by variables of the environment: the release and prefix of the
 * images, the networks, whether guests run with KVM, the directory with the secrets. `make up` sets them.
 */
export type Variables = {
  /** An IP address, or any other text: the part that a variable can change is that variable, with the model's value. */
  readonly value: (text: string) => string;
  readonly parameter: (name: string, value: string) => string;
  readonly image: (name: string) => string;
  readonly prefix: (network: "inside" | "outside") => string;
  readonly device: (path: string, optional: boolean) => string;
  readonly secret: (name: string) => string;
  /** Where the engine listens on the machine. */
  readonly engineSocket: string;
};

/** Compose reads `$` as the beginning of a variable. */
const escaped = (text: string): string => text.replaceAll("$", "$$$$");

/** Parameters that a variable of its own may change. */
const ofTheirOwn: Readonly<Record<string, string>> = { NOVA_VIRTUALIZATION: "VIRTUALIZATION" };

export function variablesOf(deployment: Deployment, secretsDirectory: string): Variables {
  const { networks, release, imagePrefix, virtualized } = deployment;
  const prefixes = {
    inside: `\${STACK_NETWORK:-${networks.inside.prefix}}`,
    outside: `\${OUTSIDE_NETWORK:-${networks.outside.prefix}}`,
  };
  const value = (text: string): string => {
    for (const network of ["inside", "outside"] as const) {
      const { prefix } = networks[network];
      const [, number] = new RegExp(`^${prefix.replaceAll(".", "\\.")}\\.(\\d+)$`).exec(text) ?? [];
      if (number !== undefined) return `${prefixes[network]}.${number}`;
    }
    return escaped(text);
  };
  return {
    value,
    parameter: (name, text) => {
      const own = ofTheirOwn[name];
      return own === undefined ? value(text) : `\${${own}:-${text}}`;
    },
    image: (name) => `\${IMAGE_PREFIX:-${imagePrefix}}/${name}:\${VERSION:-${release}}`,
    prefix: (network) => prefixes[network],
    // Compose has no device that may be missing.
    device: (path, optional) => (optional ? `\${KVM_DEVICE:-${virtualized ? path : "/dev/null"}}` : path),
    engineSocket: "${DOCKER_SOCKET:-/var/run/docker.sock}",
    secret: (name) => `\${SECRETS:-${secretsDirectory}}/${name}`,
  };
}
