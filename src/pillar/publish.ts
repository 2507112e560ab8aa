import type { ImageRow } from "../openstack/component.ts";
import { imageName, images } from "../openstack/images.ts";
import { supportedNames } from "../openstack/releases.ts";
import { dialect, type JsonSchema, sectionSchema } from "../schema/json-schema.ts";
import { parametersKey, waitKey, waitSchema } from "./envelope.ts";

const parametersSchema: JsonSchema = {
  description: "The pillar's own values for its dynamic parameters; etcd and the environment go before them.",
  anyOf: [
    {
      type: "object",
      propertyNames: { pattern: "^[A-Za-z_]\\w*$" },
      additionalProperties: { type: ["string", "number", "boolean"] },
    },
    { type: "null" },
  ],
};

/** `version` is the one scalar that cannot be dynamic; without quotes, 2025.1 is a number to YAML and in JSON. */
const versionSchema: JsonSchema = {
  description: "OpenStack release of the image; plinth bake --release takes its place.",
  enum: [...supportedNames, ...supportedNames.map(Number).filter((release) => !Number.isNaN(release))],
};

/** Seconds to wait cannot be dynamic either: `plinth start --timeout` says otherwise. */
function waitBlockSchema(): JsonSchema {
  const section = sectionSchema(waitSchema) as { readonly properties: JsonSchema };
  const { doc: description, default: seconds, minimum, maximum } = waitSchema.fields.timeout;
  const integer = { type: "integer", description, default: seconds, minimum, maximum };
  const block = { ...section, properties: { ...section.properties, timeout: integer } };
  return { description: waitSchema.doc, anyOf: [block, { type: "null" }] };
}

function roleSchema({ schema }: ImageRow): JsonSchema {
  const section = sectionSchema(schema) as { readonly properties: JsonSchema; readonly required?: readonly string[] };
  return {
    description: schema.doc,
    ...section,
    properties: { ...section.properties, version: versionSchema },
    // --release may give the version.
    required: (section.required ?? []).filter((key) => key !== "version"),
  };
}

function pillarSchema(rows: readonly ImageRow[], title: string): JsonSchema {
  const components = [...new Set(rows.map(({ component }) => component))];
  const componentSchema = (component: string): JsonSchema => {
    const roles = rows.filter((row) => row.component === component);
    return {
      type: "object",
      properties: Object.fromEntries(roles.map((row) => [row.role, roleSchema(row)])),
      additionalProperties: false,
      minProperties: 1,
    };
  };
  return {
    $schema: dialect,
    title,
    description:
      "For the compiled parameters of a node (plinth model show NODE), not for the classes that they are made from.",
    type: "object",
    properties: {
      [parametersKey]: parametersSchema,
      [waitKey]: waitBlockSchema(),
      ...Object.fromEntries(components.map((component) => [component, componentSchema(component)])),
    },
    patternProperties: { "^_": { description: "The model's own: no image gets it." } },
    additionalProperties: false,
    anyOf: components.map((component) => ({ required: [component] })),
  };
}

/** The JSON Schemas, by file name: one for any pillar, and one for each image's. */
export const publishedSchemas = (): Readonly<Record<string, JsonSchema>> => ({
  "pillar.schema.json": pillarSchema(images, "A pillar of plinth"),
  ...Object.fromEntries(
    images.map((image) => [
      `${imageName(image)}.schema.json`,
      pillarSchema([image], `The pillar of ${imageName(image)}`),
    ]),
  ),
});
