import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { before, describe, test } from "node:test";
import type { BakedDetails, BakedImage } from "../../src/baked/baked.ts";
import { imageName, images } from "../../src/openstack/images.ts";
import { releases, supportedNames } from "../../src/openstack/releases.ts";
import { type Json, valueAt } from "../../src/schema/json.ts";
import { makeDeployment, parameterFile } from "../support/deployment.ts";
import { bakeInto, plinth, workDirectory } from "../support/plinth.ts";
import { comparable, withoutReclass } from "../support/reclass.ts";

type Tree = Readonly<Record<string, Json>>;

const nodes = readdirSync("model/nodes").map((file) => file.replace(/\.yml$/, ""));
const started = images.map(imageName);
const usual = "2025.1";

function ask(...words: string[]): string {
  const { status, stdout, stderr } = plinth(["model", ...words]);
  assert.equal(status, 0, stderr);
  return stdout;
}

/** The project's model, of another release: a copy in which one line is changed. */
const work = workDirectory();
const copies = new Map<string, string>();
function modelOf(release: string): string {
  const directory = copies.get(release) ?? join(work, release);
  if (!copies.has(release))
    makeDeployment(directory).edit(parameterFile, `release: "${usual}"`, `release: "${release}"`);
  copies.set(release, directory);
  return directory;
}

const parametersOf = (node: string, model: string): Tree =>
  JSON.parse(ask("show", node, "--json", "--model", model)).parameters;

/** What the image of a node gets. */
const pillarOf = (node: string, model = "model"): Tree =>
  Object.fromEntries(Object.entries(parametersOf(node, model)).filter(([key]) => !key.startsWith("_")));

/** Every value in a tree that is no list or mapping, with its path. */
function leaves(tree: Json, path = ""): readonly (readonly [path: string, value: Json])[] {
  if (tree === null || typeof tree !== "object") return [[path, tree]];
  return Object.entries(tree).flatMap(([key, value]) => leaves(value, path === "" ? key : `${path}:${key}`));
}

/** A value for every dynamic parameter of the images that has none of its own. */
const sample = Object.fromEntries(
  ["DATABASE", "MESSAGE_QUEUE", "IDENTITY", "MEMCACHED", "NETWORK", "PLACEMENT", "IMAGE", "METADATA"].flatMap(
    (name) => [
      [`SERVICE_${name}_HOST`, "192.0.2.1"],
      [`SERVICE_${name}_PASSWORD`, "sample"],
    ],
  ),
);

describe("Debian's reclass compiles the model to the same", { skip: withoutReclass() }, () => {
  const env = { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8", PYTHONPATH: resolve("test/model/judge/cure") };
  for (const release of supportedNames) {
    test(`for ${release}, unchanged`, () => {
      const model = modelOf(release);
      for (const node of nodes) {
        const words = ["-b", model, "-o", "json", "-n", node];
        const judged = spawnSync("/usr/bin/reclass", words, { encoding: "utf8", env, cwd: work });
        assert.equal(judged.status, 0, judged.stderr);
        const ours = ask("show", node, "--json", "--model", model);
        assert.deepEqual(comparable(ours), comparable(judged.stdout), node);
      }
    });
  }

  test("in place, with its own reclass-config.yml", () => {
    const judged = spawnSync("/usr/bin/reclass", ["-o", "json", "-n", "nova-compute"], {
      encoding: "utf8",
      env,
      cwd: "model",
    });
    assert.equal(judged.status, 0, judged.stderr);
    const ours = comparable(ask("show", "nova-compute", "--json"));
    assert.deepEqual(ours["parameters"], comparable(judged.stdout)["parameters"]);
  });
});

test("there is a release's class for every release that can be rendered, and where it comes from is the tables'", () => {
  const classes = readdirSync("model/classes/system/release").map((file) => file.replace(/\.yml$/, ""));
  assert.deepEqual(classes.sort(), [...supportedNames].sort());
  for (const { name, sources } of releases.filter((release) => release.supported)) {
    const parameters = parametersOf("debian-base", modelOf(name));
    const { base, archive } = parameters["_image"] as Tree;
    const { source } = parameters["_release"] as Tree;
    const known: readonly (readonly [Json, Json, Json])[] = [
      ...(sources?.debian ? [["debian", `debian:${sources.debian.suite}`, null] as const] : []),
      ...(sources?.pypi ? [["pypi", sources.pypi.base, null] as const] : []),
      ...(sources ? [] : [["ubuntu", "ubuntu:14.04", `cloud-archive:${name}`] as const]),
    ];
    assert.deepEqual(
      [source, base, archive],
      known.find(([own]) => own === source),
      name,
    );
  }
});

describe("the release is one parameter", () => {
  const deployment = makeDeployment(join(work, "deployment"));

  /** Commits the model with one release, changes the line to another. @returns each node's changed paths. */
  function changesBetween(from: string, to: string): Readonly<Record<string, readonly string[]>> {
    const { directory, git, edit } = deployment;
    const line = /release: .*/.exec(git("show", `HEAD:${parameterFile}`))?.[0] ?? "";
    edit(parameterFile, line, `release: "${from}"`);
    git("commit", "--quiet", "--all", "--allow-empty", "--message", from);
    edit(parameterFile, `release: "${from}"`, `release: "${to}"`);
    assert.match(git("diff", "--shortstat"), /1 file changed, 1 insertion\(\+\), 1 deletion\(-\)/);
    const found = JSON.parse(ask("diff", "HEAD", "--json", "--model", directory)) as {
      nodes: { node: string; change: string; changes: { path: string; before?: Json; after?: Json }[] }[];
    };
    git("checkout", "--quiet", ".");
    assert.ok(found.nodes.every(({ change }) => change === "changed"));
    const version = found.nodes.flatMap(({ changes }) => changes).filter(({ path }) => path.endsWith(":version"));
    assert.ok(version.every(({ before, after }) => before === from && after === to));
    return Object.fromEntries(found.nodes.map(({ node, changes }) => [node, changes.map(({ path }) => path).sort()]));
  }

  /** What a release changes in each node: its name, the image's tag, and the version where there is one. */
  const expected = Object.fromEntries(
    nodes.map((node) => {
      const own = images.filter((image) => imageName(image) === node);
      const version = own.map(({ component, role }) => `${component}:${role}:version`);
      return [node, ["_param:release", "_image:tag", ...version].sort()];
    }),
  );
  /**
   * Changes but for what the release itself says: which Debian images stand on, what packages are called there, which APIs there are for
   * HAProxy, and whether keystone's internal API has a port of its own.
   */
  const besides = (changes: Readonly<Record<string, readonly string[]>>) =>
    Object.fromEntries(
      Object.entries(changes).map(([node, paths]) => [
        node,
        paths.filter(
          (path) =>
            !/^_release:|^_image:(parent|base|archive|packages|files_only|schema_packages)|:identity_internal$|:identity:port$|:bind:private_port$/.test(
              path,
            ) && !/^haproxy:server:listen:[\w-]+$|^parameters:SERVICE_\w+_SERVERS$/.test(path),
        ),
      ]),
    );

  test("kilo to liberty changes tags, versions, and the archive that packages come from", () => {
    const changes = changesBetween("kilo", "liberty");
    assert.deepEqual(besides(changes), expected);
    const paths = Object.values(changes).flat();
    assert.deepEqual([...new Set(paths.filter((path) => /^_release:|^_image:(?!tag)/.test(path)))].sort(), [
      "_image:archive",
      "_release:archive",
    ]);
  });

  test("2025.1 to 2026.1 changes tags, versions, and where components come from", () => {
    const changes = changesBetween("2025.1", "2026.1");
    assert.deepEqual(besides(changes), expected);
    const paths = Object.values(changes).flat();
    assert.deepEqual([...new Set(paths.filter((path) => path.startsWith("_release:")))], ["_release:source"]);
  });

  test("kilo to 2025.1 changes the names of packages, too, and nothing else", () => {
    const changes = changesBetween("kilo", "2025.1");
    assert.deepEqual(besides(changes), expected);
    assert.ok(changes["nova-controller"]?.some((path) => path.startsWith("_image:packages")));
  });

  test("the release changes the files that are rendered", () => {
    const [kilo, liberty] = ["kilo", "liberty"].map((release) => {
      const words = ["--node", "nova-controller", "--model", modelOf(release), "--templates", "config-templates"];
      const root = join(work, "rendered", release);
      const own = ["--output", root, "--user", `${process.geteuid?.()}:${process.getegid?.()}`];
      const { status, stderr } = plinth(["render", ...words, ...own], { env: sample });
      assert.equal(status, 0, stderr);
      return readFileSync(join(root, "etc/nova/nova.conf"), "utf8");
    });
    assert.doesNotMatch(kilo ?? "", /^\[vnc\]$/m);
    assert.match(liberty ?? "", /^\[vnc\]$/m);
  });
});

test("the seed's nova pillar is in that of nova-controller", () => {
  const { directory, edit } = makeDeployment(join(work, "seed"));
  edit(parameterFile, `release: "${usual}"`, "release: kilo");
  edit(parameterFile, "networking: ovn", "networking: contrail");
  edit(parameterFile, "public_name: localhost", "public_name: openstack.domain.com");
  const own = new Map(leaves(pillarOf("nova-controller", directory)));
  const differing = leaves(pillarOf("seed-nova-controller", "test/fixtures/model"))
    .filter(([path, value]) => own.get(path) !== value)
    .map(([path]) => `${path}: ${own.get(path)}`);
  // This port can be said where the container runs.
  assert.deepEqual(differing, ["nova:controller:database:port: $SERVICE_DATABASE_PORT"]);
});

describe("a baked image", () => {
  const baked = new Map<
    string,
    { readonly image: BakedImage; readonly details: BakedDetails; readonly text: string }
  >();
  before(() => {
    for (const release of supportedNames) {
      for (const node of started) {
        const file = bakeInto(work, node, release, { name: `${node}-${release}.json` });
        const text = readFileSync(file, "utf8");
        const [image = "", details = ""] = text.split("\n");
        baked.set(`${node} ${release}`, { image: JSON.parse(image), details: JSON.parse(details), text });
      }
    }
  });

  for (const release of supportedNames) {
    for (const node of started) {
      test(`of ${node} for ${release} holds its own pillar, its own parameters and no secret`, () => {
        const { image, details } = baked.get(`${node} ${release}`) ?? assert.fail();
        assert.deepEqual([image.image.name, image.image.release], [node, release]);

        // A secret is a dynamic parameter, alone in its value and without a value of its own; or it is left out.
        for (const path of image.secrets) {
          const value = valueAt(image.pillar, path);
          assert.ok(value === null || value === undefined || /^\$[A-Z_]+$/.test(String(value)), path);
        }
        for (const [path, value] of leaves(image.pillar)) {
          const key = path.split(":").at(-1) ?? "";
          if (!/password|secret|token$|credential|private_key/.test(key) || value === null) continue;
          assert.match(String(value), /^\$[A-Z_]+$/, path);
        }
        for (const name of image.secretNames) assert.ok(!(name in image.parameters), name);
        for (const [path, value] of leaves({ ...image.pillar, ...image.parameters })) {
          assert.doesNotMatch(String(value), /:\/\/[^/]*:[^/]*@|-----BEGIN/, path);
        }

        // What it says about dynamic parameters is about its own.
        const known = details.contract.map(({ name }) => name);
        assert.deepEqual(
          Object.keys(image.parameters).filter((name) => !known.includes(name)),
          [],
        );
      });
    }
  }

  test("holds nothing of the model's own: no key that begins with _, no other component, no class", () => {
    for (const [name, { text, image }] of baked) {
      assert.doesNotMatch(text, /"_(param|image|release|packages|block|service|workload|reclass_)"/, name);
      const { component: own, role } = image.image;
      const known = images.find(({ component, ...row }) => component === own && row.role === role)?.schema.fields ?? {};
      // A role may have a key of its own that is called like a component, such as neutron's for OVN.
      const others = images.filter(({ component }) => component !== own && !(component in known));
      for (const { component } of others) assert.ok(!(component in image.pillar), name);
    }
  });
});

test("the pillar of an image is of its own component and role", () => {
  for (const node of nodes) {
    const { parameters, ...rest } = pillarOf(node);
    const own = images.find((image) => imageName(image) === node);
    if (own === undefined) {
      assert.deepEqual({ parameters, ...rest }, { parameters: undefined }, node);
      continue;
    }
    assert.deepEqual(Object.keys(rest), [own.component]);
    assert.deepEqual(Object.keys(rest[own.component] as Tree), [own.role]);
    assert.ok(parameters);
  }
});

test("no file of the model contains a secret", () => {
  const files = readdirSync("model", { recursive: true, encoding: "utf8" }).filter((file) => /\.ya?ml$/.test(file));
  const lines = files.flatMap((file) =>
    readFileSync(join("model", file), "utf8")
      .split("\n")
      .map((line) => `${file}: ${line}`),
  );
  const written = lines.filter((line) => /(password|secret|token|credential)\w*: *[^ {$\n]/i.test(line));
  assert.deepEqual(written, []);
});

test("every parameter of the block is used, and every used parameter is in it", () => {
  const texts = readdirSync("model/classes", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yml"))
    .map((file) => readFileSync(join("model/classes", file), "utf8"));
  const used = new Set(texts.join("\n").match(/(?<=\$\{_param:)\w+/g));
  const given = Object.keys(parametersOf("debian-base", "model")["_param"] as Tree);
  assert.deepEqual(given.sort(), [...used].sort());
});
