import { catalog } from "../src/diagnostics/catalog.ts";

const list = (names: readonly string[]): string => names.join(", ");

export const buildMessage = catalog({
  "release-not-said": {
    failure: "usage",
    what: () => "Which OpenStack release? --release is missing.",
    fix: ({ known }: { known: readonly string[] }) =>
      `Say for instance --release 2025.1 (make images VERSION=2025.1). Releases with packages: ${list(known)}.`,
  },
  "release-unknown": {
    failure: "usage",
    what: ({ release }: { release: string; known: readonly string[] }) =>
      `There is no OpenStack release "${release}" here.`,
    fix: ({ known }) => `Use one of ${list(known)}.`,
  },
  "release-without-packages": {
    failure: "usage",
    what: ({ release }: { release: string; known: readonly string[] }) =>
      `No Debian suite holds packages of ${release}, so its images cannot be built here.`,
    fix: ({ known, release }) =>
      `Build one of ${list(known)}; for ${release}, add build/plinth and a file baked with "plinth bake --release ${release}" to images of your own.`,
  },
  "image-unknown": {
    failure: "usage",
    what: ({ image }: { image: string; near: string | undefined; known: readonly string[] }) =>
      `There is no image "${image}".`,
    fix: ({ near, known }) => `${near ? `Did you mean "${near}"? ` : ""}Images: ${list(known)}.`,
  },
  "words-wrong": {
    failure: "usage",
    what: ({ problem }: { problem: string }) => problem,
    fix: () =>
      "usage: node images/build.ts --release R [--image NAME]... [--deploy-name NAME] [--mirror URL] [--dry-run] [--list]",
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
    what: ({ image }: { image: string; reason: string }) => `plinth could not bake ${image}.`,
    fix: ({ reason }) => `Mend what it says, then build again:\n${reason}`,
  },
  "build-failed": {
    failure: "dependency",
    what: ({ image, tail }: { image: string; log: string; tail: string }) =>
      `docker build of ${image} failed:\n${tail}`,
    fix: ({ log }) => `The whole log is ${log}.`,
  },
  "later-release": {
    failure: "configuration",
    severity: "warning",
    what: (parameters: { image: string; suite: string; component: string; really: string; release: string }) =>
      `${parameters.image}: Debian ${parameters.suite}, which holds ${parameters.release}, has ${parameters.component} of ${parameters.really}.`,
    fix: ({ really }) =>
      `Nothing to mend: the image carries ${really}, its label io.plinth.component-release says so, and so are its options chosen.`,
  },
});
