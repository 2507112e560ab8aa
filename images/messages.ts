import { catalog } from "../src/diagnostics/catalog.ts";

const list = (names: readonly string[]): string => names.join(", ");

/** A build or push that failed: the end of its log, and where all of it is. */
type Failed = { readonly image: string; readonly engine: string; readonly log: string; readonly tail: string };

export const buildMessage = catalog({
  "build-release-unknown": {
    failure: "usage",
    what: ({ release }: { release: string; known: readonly string[] }) =>
      `There is no OpenStack release "${release}" here.`,
    fix: ({ known }) => `Use one of ${list(known)}.`,
  },
  "release-without-base": {
    failure: "usage",
    what: ({ release }: { release: string }) =>
      `The model names no base image for ${release}, so its images cannot be built.`,
    fix: ({ release }) =>
      `Name one whose apt finds the packages of ${release} (_release:base in classes/system/release/${release}.yml).`,
  },
  "build-image-unknown": {
    failure: "usage",
    what: ({ image }: { image: string; near: string | undefined; known: readonly string[] }) =>
      `There is no image "${image}" in the model.`,
    fix: ({ near, known }) => `${near ? `Did you mean "${near}"? ` : ""}Images: ${list(known)}.`,
  },
  "folder-missing": {
    failure: "configuration",
    what: ({ node, path }: { node: string; path: string }) =>
      `The image of the node ${node} has no folder ${path} with a Dockerfile.`,
    fix: () => "Add it, or let _image:name of the node name another one.",
  },
  "registry-missing": {
    failure: "configuration",
    what: ({ node }: { node: string }) =>
      `The image of the node ${node} cannot be pushed: the model names no registry.`,
    fix: () => "Set _param:registry in the model, name one for this run (--registry), or build without --push.",
  },
  "words-wrong": {
    failure: "usage",
    what: ({ problem }: { problem: string }) => problem,
    fix: () =>
      "usage: node images/build.ts [--model DIR] [--release R] [--image NODE]... [--since REVISION] [--deploy-name NAME] [--registry HOST] [--engine docker|podman] [--jobs N] [--mirror URL] [--index URL] [--snapshot TIME] [--pause SECONDS] [--no-cache] [--push] [--dry-run] [--list]",
  },
  "deploy-name-wrong": {
    failure: "usage",
    what: ({ name }: { name: string }) => `"${name}" cannot be the first part of an image's name.`,
    fix: () => "Use small letters, digits, and single . _ - between them: --deploy-name tcpcloud.",
  },
  "registry-wrong": {
    failure: "usage",
    what: ({ registry }: { registry: string }) => `"${registry}" cannot be the address of a registry.`,
    fix: () => "Use a host's name, with a port and a path if need be: --registry registry.example.com:5000/team.",
  },
  "engine-unknown": {
    failure: "usage",
    what: ({ engine }: { engine: string; known: readonly string[] }) =>
      `"${engine}" is no engine that builds images here.`,
    fix: ({ known }) => `Use one of ${list(known)}.`,
  },
  "number-wrong": {
    failure: "usage",
    what: ({ option }: { option: string; least: number }) => `--${option} takes a whole number.`,
    fix: ({ option, least }) => `Write one that is at least ${least}, such as --${option} 4.`,
  },
  "mirror-with-password": {
    failure: "usage",
    what: () => "The mirror's address holds a user or password, which the image's history would show to everyone.",
    fix: () => "Use an address without one (a proxy can add it; http_proxy is handed on and not recorded).",
  },
  "snapshot-wrong": {
    failure: "usage",
    what: ({ snapshot }: { snapshot: string }) => `"${snapshot}" names no snapshot of Debian's archive.`,
    fix: () => "Write day and time as the snapshot's server does: --snapshot 20261101T000000Z.",
  },
  "snapshot-without-archive": {
    failure: "usage",
    what: ({ snapshot }: { snapshot: string }) => `Nothing says which server has the snapshot ${snapshot}.`,
    fix: () =>
      "Name the archive on a server that keeps snapshots, up to the date: --mirror https://HOST/archive/debian (APT_MIRROR).",
  },
  "epoch-wrong": {
    failure: "usage",
    what: ({ epoch }: { epoch: string }) => `SOURCE_DATE_EPOCH is "${epoch}", which is no time.`,
    fix: () => "Give it seconds since 1970 in digits, such as 1793491200, or unset it.",
  },
  "engine-missing": {
    failure: "not-found",
    what: ({ engine }: { engine: string }) => `There is no ${engine} command on this machine.`,
    fix: ({ engine }) =>
      engine === "podman"
        ? "Install Podman (Debian: apt-get install podman), or build with --engine docker."
        : "Install Docker (Debian: apt-get install docker.io docker-cli), or build with --engine podman.",
  },
  "builder-silent": {
    failure: "dependency",
    what: ({ engine, reason }: { engine: string; reason: string }) => `${engine} does not answer: ${reason}`,
    fix: ({ engine }) =>
      engine === "podman"
        ? "Run `podman info`, and mend what it says."
        : "Start it (systemctl start docker), join the docker group, or set DOCKER_HOST.",
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
    what: ({ image, tail }: Failed) => `${image} could not be built:\n${tail}`,
    fix: ({ log }) => `The whole log is ${log}.`,
  },
  "push-failed": {
    failure: "dependency",
    what: ({ image, tail }: Failed) => `${image} could not be pushed:\n${tail}`,
    fix: ({ log, engine }) => `The whole log is ${log}. Log in first, where the registry asks for it: ${engine} login.`,
  },
  "network-lost": {
    failure: "dependency",
    what: ({ image, line, tries }: Failed & { line: string; tries: number }) =>
      `${image}: the network failed in each of ${tries} tries: ${line}`,
    fix: ({ log }) =>
      `See that this machine, and containers on it, reach what that names (addresses, name server, http_proxy; APT_MIRROR for Debian's packages, PYPI_INDEX for Python's), then run the same again: what is built stays. The whole log is ${log}.`,
  },
  "disk-full": {
    failure: "dependency",
    what: ({ image, line }: Failed & { line: string }) => `${image}: the disk is full: ${line}`,
    fix: ({ log, engine }) =>
      `Make room (${engine} system df shows what images take, ${engine} system prune removes what nothing uses; make clean removes build/), then run the same again. The whole log is ${log}.`,
  },
  "packages-unreadable": {
    failure: "dependency",
    what: ({ image, reason }: { image: string; reason: string }) =>
      `${image} is built, but does not tell its packages: ${reason}`,
    fix: () => "Let it stand on an image with a shell and dpkg: its bill of materials is asked for inside.",
  },
  "lock-missing": {
    failure: "configuration",
    what: ({ release, component, path }: { release: string; component: string; path: string }) =>
      `${component} of ${release} comes from PyPI and has no lock (${path}).`,
    fix: ({ release }) => `Make it: make lock VERSION=${release}.`,
  },
  "lock-line-wrong": {
    failure: "configuration",
    what: ({ path, line }: { path: string; line: string }) =>
      `${path} has a line that is no exact version with SHA-256 hashes: ${line}`,
    fix: () => "Locks are not edited by hand: restore the file, or make it anew with make lock.",
  },
  "lock-older": {
    failure: "configuration",
    what: ({ path, changed }: { release: string; component: string; path: string; changed: readonly string[] }) =>
      `${path} is older than its row: it was made for other values of ${list(changed)}.`,
    fix: ({ release }) =>
      `Make it again: make lock VERSION=${release}. The rows are in src/openstack/python.ts and releases.ts, the constraints beside the lock.`,
  },
});
