import { secrets } from "../../src/openstack/secrets.ts";
import { deploymentIn } from "./second.ts";

/**
 * How each secret of the dev stack is changed, as its row and the deployment say: docs/secrets.md's table, which
 * test/stack/secrets.test.ts holds to it.
 */
export type Rotation = {
  readonly secret: string;
  /** Jobs that tell it to what keeps it. */
  readonly again: readonly string[];
  /** Services that read it, that which keeps it first. */
  readonly restart: readonly string[];
  /** Calls (test/support/cloud-calls.ts) that need it. */
  readonly shows: readonly string[];
  readonly why: string;
};

/** Which calls show that a secret is right; of a database or a user by the component's name. */
const shows: Readonly<Record<string, readonly string[]>> = {
  admin: ["placement"],
  "message-queue": ["nova", "cinder", "heat"],
  "database-keystone": ["placement"],
  "database-nova": ["nova", "metadata"],
  "identity-placement": ["placement", "nova"],
  "identity-nova": ["nova", "neutron"],
  "identity-neutron": ["neutron", "nova"],
  "orchestration-domain": ["heat"],
  "orchestration-encryption-key": ["heat"],
  metadata: ["metadata"],
  "dashboard-secret-key": ["dashboard"],
};

const { workloads } = deploymentIn("model");

export const rotations: readonly Rotation[] = secrets.map(({ name, fills, again, change }) => {
  const readers = fills.flatMap(({ image, parameter }) =>
    workloads.filter(
      (one) => one.image === image && one.kind === "service" && one.secrets.some((use) => use.parameter === parameter),
    ),
  );
  const jobs = again.flatMap(({ image, service }) =>
    workloads.filter((one) => one.image === image && one.service === service),
  );
  return {
    secret: name,
    again: jobs.map((one) => one.name),
    restart: readers.map((one) => one.name),
    shows: shows[name] ?? [name.replace(/^\w+-/, "")],
    why: change,
  };
});

const cell = (names: readonly string[]): string => names.map((name) => ` \`${name}\``).join("");

/** docs/secrets.md with the rows of its table as they are now. `make golden` writes it. */
export const withRotations = (page: string): string =>
  page.replace(/(?<=^\| secret \| run again .*\n\| --- .*\n)(\| .*\n)+/m, () =>
    rotations
      .map(
        ({ secret, again, restart, why }) =>
          `| \`${secret}\` |${cell(again)} |${cell(restart)} |${why && ` ${why}`} |\n`,
      )
      .join(""),
  );
