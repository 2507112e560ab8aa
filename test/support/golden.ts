import { supportedNames } from "../../src/openstack/releases.ts";
import { renderFiles } from "../../src/render/render.ts";
import { parameters } from "./parameters.ts";
import { allFiles, bakeFixture, mustBe, settingsOf } from "./rendering.ts";

export const goldenFolder = new URL("../golden/", import.meta.url);

export const fixtures = ["keystone-server", "nova-controller", "nova-compute"] as const;

/** @returns every golden file: its path below test/golden (`2025.1/nova-compute/etc/nova/nova.conf`) and its text. */
export function goldenFiles(): ReadonlyMap<string, string> {
  const files = supportedNames.flatMap((release) =>
    fixtures.flatMap((name) => {
      const baked = bakeFixture(name, release);
      const rendered = mustBe(renderFiles(baked.image, settingsOf(baked, parameters), allFiles(baked.image)));
      return rendered.map(({ path, text }) => [`${release}/${name}${path}`, text] as const);
    }),
  );
  return new Map(files);
}
