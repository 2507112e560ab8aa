import { catalog } from "../diagnostics/catalog.ts";

/** What can be wrong with an image: with what its node says of it, and while it is baked. */
export const imageMessage = catalog({
  "image-data-wrong": {
    failure: "configuration",
    what: ({ node, path }: { node: string; path: string; wants: string }) =>
      `${path} of the node ${node} cannot be used.`,
    fix: ({ wants }) => `Give it ${wants}.`,
  },
  "parent-unknown": {
    failure: "configuration",
    what: ({ node, parent }: { node: string; parent: string; near: string | undefined }) =>
      `_image:parent of the node ${node} names ${parent}, which is no image of the model.`,
    fix: ({ near }) => `${near ? `Did you mean "${near}"? ` : ""}Name the node of another image.`,
  },
  "parent-cycle": {
    failure: "configuration",
    what: ({ nodes }: { nodes: readonly string[] }) => `These images stand on each other: ${nodes.join(" -> ")}.`,
    fix: () => "Let _image:parent of one of them name another one, or _image:base an image of somebody else.",
  },
  "service-needs-value": {
    failure: "configuration",
    what: ({ service, path }: { service: string; path: string; use: string }) =>
      `${service} cannot be run: it needs ${path}, which is left out`,
    fix: ({ path, use }: { service: string; path: string; use: string }) => `give ${path} in the pillar (for ${use})`,
  },
  "service-shows-secret": {
    failure: "configuration",
    what: ({ service, path }: { service: string; path: string }) =>
      `${service} would show a secret: ${path} stands in its command, and shares a dynamic parameter with a secret`,
    fix: ({ path }: { service: string; path: string }) => `fill ${path} with a parameter of its own`,
  },
  "section-repeated": {
    failure: "configuration",
    what: ({ file, section }: { file: string; section: string }) =>
      `${file} would have the section [${section}] twice: a name in the pillar is that of a section of the service`,
    fix: ({ section }: { file: string; section: string }) =>
      `give what is called ${section} in the pillar another name`,
  },
});
