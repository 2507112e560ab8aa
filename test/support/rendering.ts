import { readFileSync } from "node:fs";
import { type BakedFile, type BakedImage, bakedFormat } from "../../src/baked/baked.ts";
import type { Diagnostic, Result } from "../../src/diagnostics/diagnostic.ts";
import { type Baked, bakeWith } from "../../src/image/bake.ts";
import { filesOf } from "../../src/image/services.ts";
import type { CompiledNode } from "../../src/model/model.ts";
import type { Dialect } from "../../src/openstack/component.ts";
import { featuresOf } from "../../src/openstack/features.ts";
import { compileTemplates } from "../../src/render/compile.ts";
import { renderTraced } from "../../src/render/render.ts";
import { type Field, section } from "../../src/schema/field.ts";
import type { Json } from "../../src/schema/json.ts";
import { resolve } from "../../src/settings/resolve.ts";
import type { Settings } from "../../src/settings/settings.ts";
import { mustBe } from "./must-be.ts";
import { fixtureNode, modelNode } from "./pillar.ts";

const templates = new URL("../../config-templates/", import.meta.url);

/** The project's own templates. */
export const load = (name: string): string | undefined => {
  try {
    return readFileSync(new URL(name, templates), "utf8");
  } catch {
    return undefined;
  }
};

/** Bakes a compiled node for a release. */
export function bakeCompiled(node: CompiledNode, release: string): Baked {
  const compile = (asked: Omit<Parameters<typeof compileTemplates>[0], "load">) => compileTemplates({ ...asked, load });
  return mustBe(bakeWith({ node, release, load }, { compile, trace: renderTraced }, "test"));
}

/** A node of test/fixtures/model, baked for a release. */
export const bakeFixture = (name: string, release: string): Baked => bakeCompiled(fixtureNode(name), release);

/** A node of the project's own model, baked for a release. */
export const bakeModelNode = (name: string, release: string): Baked => bakeCompiled(modelNode(name, release), release);

/** The settings of a baked image with values for its dynamic parameters. */
export function settingsOf({ image }: Baked, values: Readonly<Record<string, string>>): Settings {
  const layer = new Map(
    Object.entries(values).map(([name, text]) => [
      name,
      { text, origin: { from: "environment", place: name } as const },
    ]),
  );
  return mustBe(resolve(image, [layer]));
}

export const allFiles = (image: BakedImage): readonly BakedFile[] => filesOf(image.services);

/** An image made of one template and the fields it knows, for tests of rendering itself. */
export function smallImage(
  fields: Readonly<Record<string, Field>>,
  sources: Readonly<Record<string, string>>,
  dialect: Dialect = "oslo",
  release = "2025.1",
) {
  const about = { name: "test-small", component: "nova", role: "small", release };
  const has = featuresOf(release);
  const files: readonly BakedFile[] = [{ template: "main", path: "/etc/test/main.conf", dialect }];
  const compiled = compileTemplates({
    files,
    schema: section("Test.", fields),
    image: about,
    has,
    load: (name) => sources[name],
  });
  const image = (prepared: { readonly templates: BakedImage["templates"] }): BakedImage => ({
    format: bakedFormat,
    plinth: "test",
    image: about,
    account: { user: "test", group: "test", uid: 1, gid: 1 },
    has,
    pillar: {},
    placeholders: [],
    serviceSpecificPaths: [],
    secrets: [],
    secretNames: [],
    parameters: {},
    wait: { timeout: 1, for: [] },
    services: {},
    templates: prepared.templates,
  });
  return { compiled, files, image: (): BakedImage => image(mustBe(compiled)) };
}

export const plainSettings = (values: Settings["values"], secrets: readonly string[] = []): Settings => ({
  values,
  secrets: new Set(secrets),
  filled: new Map(),
  secretNames: new Set(),
  parameters: new Map(),
});

export const diagnosticsOf = (result: Result<unknown>): readonly Diagnostic[] => (result.ok ? [] : result.diagnostics);

export type { Json };
export { mustBe };
