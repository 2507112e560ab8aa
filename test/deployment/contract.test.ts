import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { load, YAML11_SCHEMA } from "js-yaml";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import { openModel } from "../../src/model/model.ts";
import { mustBe } from "../support/must-be.ts";
import { workDirectory } from "../support/plinth.ts";
import { bakeCompiled } from "../support/rendering.ts";
import { deploymentIn, makeSecondModel, secondText } from "../support/second.ts";

type Service = {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly secrets?: readonly string[];
};

/** The project's model with other values of an operator's parameters. */
function modelWith(name: string, changes: Readonly<Record<string, string>>): string {
  const directory = join(workDirectory(), name);
  cpSync("model", directory, { recursive: true });
  const file = join(directory, "classes/cluster/example.yml");
  const text = Object.entries(changes).reduce(
    (now, [key, value]) => {
      assert.match(now, new RegExp(`^    ${key}: `, "m"));
      return now.replace(new RegExp(`^    ${key}: .*$`, "m"), `    ${key}: ${value}`);
    },
    readFileSync(file, "utf8"),
  );
  writeFileSync(file, text);
  return directory;
}

const second = join(workDirectory(), "second-contract");
makeSecondModel(second);
const models = {
  "the project's model": "model",
  "the second model": second,
  "a control plane on the machine's own network": modelWith("host", { control_network: "host" }),
  "a release without OVN": modelWith("liberty", { release: "liberty" }),
  "the release before": modelWith("zed", { release: "zed" }),
  "the release after": modelWith("next", { release: '"2026.1"' }),
} as const;

/** Parameters of a deployment that no contract has. */
const own = /^PLINTH_/;

for (const [title, directory] of Object.entries(models)) {
  const deployment = deploymentIn(directory);
  const { services } = load(secondText(deployment), { schema: YAML11_SCHEMA }) as {
    readonly services: Readonly<Record<string, Service>>;
  };
  const model = mustBe(openModel(mustBe(openDirectory(directory))));
  const baked = new Map<string, ReturnType<typeof bakeCompiled>>();
  const bakedOf = (image: string) => {
    const known = baked.get(image) ?? bakeCompiled(mustBe(model.compile(image)), deployment.release);
    baked.set(image, known);
    return known;
  };

  describe(`of ${title}, what a container is given is what its contract wants:`, () => {
    for (const [name, { image, command, environment = {}, secrets = [] }] of Object.entries(services)) {
      if (command[0] === "sh") continue;
      test(name, () => {
        const { image: made, details } = bakedOf(/\/([\w-]+):/.exec(image)?.[1] ?? "");
        const [service = ""] = command;
        assert.ok(service in made.services, `the image has no ${service}`);
        const wanted = details.contract.filter(({ neededBy }) => neededBy === undefined || neededBy.includes(service));
        const secretNames = wanted.filter(({ secret }) => secret).map((one) => one.name);
        const given = Object.keys(environment).filter((key) => !own.test(key));
        const files = given.filter((key) => key.endsWith("_FILE"));
        const values = given.filter((key) => !key.endsWith("_FILE"));

        assert.deepEqual(files.map((key) => key.replace(/_FILE$/, "")).sort(), secretNames.toSorted(), "secrets");
        assert.deepEqual(
          [...new Set(files.map((key) => environment[key]))].sort(),
          secrets.map((secret) => `/run/secrets/${secret}`).sort(),
          "what is mounted is what is read",
        );
        const plain = wanted.filter(({ secret }) => !secret);
        const known = plain.map((one) => one.name);
        assert.deepEqual(
          values.filter((key) => !known.includes(key)),
          [],
          "nothing beyond the contract",
        );
        // etcd has the addresses of a control plane on the machine's own network.
        const asked = "PLINTH_ETCD_ENDPOINTS" in environment ? deployment.addresses.map((one) => one.parameter) : [];
        const missing = plain.filter((one) => one.required && !values.includes(one.name) && !asked.includes(one.name));
        assert.deepEqual(missing, [], "all that has no value of its own");
      });
    }
  });
}
