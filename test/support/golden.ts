import { imageName, imagesOf } from "../../src/openstack/images.ts";
import { supportedNames } from "../../src/openstack/releases.ts";
import { renderFiles } from "../../src/render/render.ts";
import { parameters } from "./parameters.ts";
import { modelNode } from "./pillar.ts";
import { allFiles, bakeCompiled, bakeFixture, bakeModelNode, mustBe, settingsOf } from "./rendering.ts";

export const goldenDirectory = new URL("../golden/", import.meta.url);

/** Images with a node in test/fixtures/model, which takes every way through their templates. */
const fixtures = ["keystone-server", "nova-controller", "nova-compute"];

/** Nodes of the project's model with parameters by which their templates take another way, as `neutron-server with contrail`. */
const ways: ReadonlyMap<string, readonly [node: string, parameter: string, value: string]> = new Map(
  ["neutron-server", "nova-compute"].map((node) => [`${node} with contrail`, [node, "_param:networking", "contrail"]]),
);

/** @returns the images that are judged in a release: of their fixture, the others of the project's own node, and other ways of it. */
export const judged = (release: string): readonly string[] => [...imagesOf(release).map(imageName), ...ways.keys()];

/** @returns a judged image, baked. */
export function bakeJudged(name: string, release: string) {
  const way = ways.get(name);
  if (way) return bakeCompiled(modelNode(way[0], release, new Map([[way[1], way[2]]])), release);
  return fixtures.includes(name) ? bakeFixture(name, release) : bakeModelNode(name, release);
}

/** @returns every golden file: its path below test/golden (`2025.1/nova-compute/etc/nova/nova.conf`) and its text. */
export function goldenFiles(): ReadonlyMap<string, string> {
  const files = supportedNames.flatMap((release) =>
    judged(release).flatMap((name) => {
      const baked = bakeJudged(name, release);
      const rendered = mustBe(renderFiles(baked.image, settingsOf(baked, parameters), allFiles(baked.image)));
      return rendered.map(({ path, text }) => [`${release}/${name.replaceAll(" ", "-")}${path}`, text] as const);
    }),
  );
  return new Map(files);
}
