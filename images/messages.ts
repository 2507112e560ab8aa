import { catalog } from "../src/diagnostics/catalog.ts";

const list = (names: readonly string[]): string => names.join(", ");

export const buildMessage = catalog({
  "release-unknown": {
    failure: "usage",
    what: ({ release }: { release: string; known: readonly string[] }) =>
      `There is no OpenStack release "${release}" here.`,
    fix: ({ known }) => `Use one of ${list(known)}.`,
  },
  "release-without-packages": {
    failure: "usage",
    what: ({ release }: { release: string; known: readonly string[] }) =>
      `The model names no base image for ${release}, so its images cannot be built.`,
    fix: ({ known, release }) =>
      `Build one of ${list(known)}; or name an image whose apt finds the packages of ${release} (_release:base in classes/system/release/${release}.yml).`,
  },
  "image-unknown": {
    failure: "usage",
    what: ({ image }: { image: string; near: string | undefined; known: readonly string[] }) =>
      `There is no image "${image}" in the model.`,
    fix: ({ near, known }) => `${near ? `Did you mean "${near}"? ` : ""}Images: ${list(known)}.`,
  },
  "image-data-wrong": {
    failure: "configuration",
    what: ({ node, path }: { node: string; path: string; wants: string }) =>
      `${path} of the node ${node} cannot be used.`,
    fix: ({ wants }) => `Give it ${wants}.`,
  },
  "folder-missing": {
    failure: "configuration",
    what: ({ node, path }: { node: string; path: string }) =>
      `The image of the node ${node} has no folder ${path} with a Dockerfile.`,
    fix: () => "Add it, or let _image:name of the node name another one.",
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
  "registry-missing": {
    failure: "configuration",
    what: ({ node }: { node: string }) =>
      `The image of the node ${node} cannot be pushed: the model names no registry.`,
    fix: () => "Set _param:registry in the model, or build without --push.",
  },
  "words-wrong": {
    failure: "usage",
    what: ({ problem }: { problem: string }) => problem,
    fix: () =>
      "usage: node images/build.ts [--model DIR] [--release R] [--image NODE]... [--since REVISION] [--deploy-name NAME] [--mirror URL] [--push] [--dry-run] [--list]",
  },
  "deploy-name-wrong": {
    failure: "usage",
    what: ({ name }: { name: string }) => `"${name}" cannot be the first part of an image's name.`,
    fix: () => "Use small letters, digits, and single . _ - between them: --deploy-name tcpcloud.",
  },
  "mirror-with-password": {
    failure: "usage",
    what: () => "The mirror's address holds a user or password, which docker history would show to everyone.",
    fix: () => "Use an address without one (a proxy can add it; http_proxy is handed on and not recorded).",
  },
  "docker-missing": {
    failure: "not-found",
    what: () => "There is no docker command on this machine.",
    fix: () => "Install Docker (Debian: apt-get install docker.io docker-cli).",
  },
  "engine-silent": {
    failure: "dependency",
    what: ({ reason }: { reason: string }) => `The Docker engine does not answer: ${reason}`,
    fix: () => "Start it (systemctl start docker), join the docker group, or set DOCKER_HOST.",
  },
  "plinth-missing": {
    failure: "configuration",
    what: ({ path }: { path: string }) => `The binary ${path} is not there, and goes into the image.`,
    fix: () => "Build it: make binary.",
  },
  "bake-failed": {
    failure: "configuration",
    what: ({ node }: { node: string; reason: string }) => `plinth could not bake ${node}.`,
    fix: ({ reason }) => `Mend what it says, then build again:\n${reason}`,
  },
  "build-failed": {
    failure: "dependency",
    what: ({ image, tail }: { image: string; log: string; tail: string }) =>
      `docker build of ${image} failed:\n${tail}`,
    fix: ({ log }) => `The whole log is ${log}.`,
  },
  "push-failed": {
    failure: "dependency",
    what: ({ image, tail }: { image: string; log: string; tail: string }) => `docker push of ${image} failed:\n${tail}`,
    fix: ({ log }) => `The whole log is ${log}. Log in first, where the registry asks for it: docker login.`,
  },
  "later-release": {
    failure: "configuration",
    severity: "warning",
    what: (parameters: { image: string; release: string; component: string; really: string }) =>
      `${parameters.image}: beside ${parameters.release}, its packages hold ${parameters.component} of ${parameters.really}.`,
    fix: ({ really }) =>
      `Nothing to mend: the image carries ${really}, its label io.plinth.component-release says so, and so are its options chosen.`,
  },
});
