import { catalog } from "../diagnostics/catalog.ts";

/** What can be wrong with an image: with what its node says of it, and while it is baked. */
export const imageMessage = catalog({
  "image-data-wrong": {
    failure: "configuration",
    what: ({ node, path }: { node: string; path: string; wants: string }) => `cannot use ${path} of the node ${node}`,
    fix: ({ wants }) => `give it ${wants}`,
  },
  "parent-unknown": {
    failure: "configuration",
    what: ({ node, parent }: { node: string; parent: string; near: string | undefined }) =>
      `_image:parent of the node ${node} names ${parent}, which is not an image of the model`,
    fix: ({ near }) => `${near ? `did you mean "${near}"? ` : ""}name the node of another image of the model`,
  },
  "parent-cycle": {
    failure: "configuration",
    what: ({ nodes }: { nodes: readonly string[] }) => `these images are based on each other: ${nodes.join(" -> ")}`,
    fix: () => "change _image:parent of one of them to another image, or set its _image:base to an external image",
  },
  "service-needs-value": {
    failure: "configuration",
    what: ({ service, path }: { service: string; path: string; use: string }) =>
      `cannot run ${service}: it needs ${path}, which the pillar leaves out`,
    fix: ({ path, use }: { service: string; path: string; use: string }) => `give ${path} in the pillar (for ${use})`,
  },
  "service-shows-secret": {
    failure: "configuration",
    what: ({ service, path }: { service: string; path: string }) =>
      `${service} would show a secret: ${path} is part of its command and shares a dynamic parameter with a secret`,
    fix: ({ path }: { service: string; path: string }) => `give ${path} a parameter of its own`,
  },
  "section-repeated": {
    failure: "configuration",
    what: ({ file, section }: { file: string; section: string }) =>
      `${file} would have the section [${section}] twice: a name in the pillar is also the name of one of the service's sections`,
    fix: ({ section }: { file: string; section: string }) => `rename what is called ${section} in the pillar`,
  },
});
