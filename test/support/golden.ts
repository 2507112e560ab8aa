import { imageName, imagesOf } from "../../src/openstack/images.ts";
import { supportedNames } from "../../src/openstack/releases.ts";
import { renderFiles } from "../../src/render/render.ts";
import { parameters } from "./parameters.ts";
import { allFiles, bakeFixture, bakeModelNode, mustBe, settingsOf } from "./rendering.ts";

export const goldenFolder = new URL("../golden/", import.meta.url);

/** Images with a node in test/fixtures/model, which takes every way through their templates. */
const fixtures = ["keystone-server", "nova-controller", "nova-compute"];

/** @returns the images that are judged in a release: of their fixture, the others of the project's own node. */
export const judged = (release: string): readonly string[] => imagesOf(release).map(imageName);

/** @returns a judged image, baked. */
export const bakeJudged = (name: string, release: string) =>
  fixtures.includes(name) ? bakeFixture(name, release) : bakeModelNode(name, release);

/** @returns every golden file: its path below test/golden (`2025.1/nova-compute/etc/nova/nova.conf`) and its text. */
export function goldenFiles(): ReadonlyMap<string, string> {
  const files = supportedNames.flatMap((release) =>
    judged(release).flatMap((name) => {
      const baked = bakeJudged(name, release);
      const rendered = mustBe(renderFiles(baked.image, settingsOf(baked, parameters), allFiles(baked.image)));
      return rendered.map(({ path, text }) => [`${release}/${name}${path}`, text] as const);
    }),
  );
  return new Map(files);
}
