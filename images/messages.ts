import { catalog } from "../src/diagnostics/catalog.ts";

const list = (names: readonly string[]): string => names.join(", ");

/** A build or push that failed: the end of its log, and where all of it is. */
type Failed = { readonly image: string; readonly engine: string; readonly log: string; readonly tail: string };

export const buildMessage = catalog({
  "build-release-unknown": {
    failure: "usage",
    what: ({ release }: { release: string; known: readonly string[] }) =>
      `there is no OpenStack release "${release}" here`,
    fix: ({ known }) => `use one of ${list(known)}`,
  },
  "release-without-base": {
    failure: "usage",
    what: ({ release }: { release: string }) =>
      `the model names no base image for ${release}, so plinth cannot build its images`,
    fix: ({ release }) =>
      `name one whose apt finds the packages of ${release} (_release:base in classes/system/release/${release}.yml)`,
  },
  "build-image-unknown": {
    failure: "usage",
    what: ({ image }: { image: string; near: string | undefined; known: readonly string[] }) =>
      `there is no image "${image}" in the model`,
    fix: ({ near, known }) => `${near ? `did you mean "${near}"? ` : ""}images: ${list(known)}`,
  },
  "directory-missing": {
    failure: "configuration",
    what: ({ node, path }: { node: string; path: string }) =>
      `the image of the node ${node} has no directory ${path} with a Dockerfile`,
    fix: () => "add it, or name another directory in _image:name of the node",
  },
  "registry-missing": {
    failure: "configuration",
    what: ({ node }: { node: string }) => `the image of the node ${node} cannot be pushed: the model names no registry`,
    fix: () => "set _param:registry in the model, name one for this run (--registry), or build without --push",
  },
  "words-wrong": {
    failure: "usage",
    what: ({ problem }: { problem: string }) => problem,
    fix: () =>
      "usage: node images/build.ts [--model DIR] [--release R] [--image NODE]... [--since REVISION] [--deploy-name NAME] [--registry HOST] [--engine docker|podman] [--jobs N] [--mirror URL] [--index URL] [--snapshot TIME] [--pause SECONDS] [--no-cache] [--push] [--dry-run] [--list]",
  },
  "deploy-name-wrong": {
    failure: "usage",
    what: ({ name }: { name: string }) => `"${name}" is not a valid first part of an image name`,
    fix: () => "use lower-case letters, digits, and single . _ - between them: --deploy-name tcpcloud",
  },
  "registry-wrong": {
    failure: "usage",
    what: ({ registry }: { registry: string }) => `"${registry}" is not a valid address of a registry`,
    fix: () => "use a host name, with a port and a path if needed: --registry registry.example.com:5000/team",
  },
  "engine-unknown": {
    failure: "usage",
    what: ({ engine }: { engine: string; known: readonly string[] }) =>
      `"${engine}" is not an engine that builds images here`,
    fix: ({ known }) => `use one of ${list(known)}`,
  },
  "number-wrong": {
    failure: "usage",
    what: ({ option }: { option: string; least: number }) => `--${option} takes a whole number`,
    fix: ({ option, least }) => `write one that is at least ${least}, such as --${option} 4`,
  },
  "mirror-with-password": {
    failure: "usage",
    what: () => "the mirror's address has a user or password, which the image's history would show to everyone",
    fix: () => "use an address without one (a proxy can add it; http_proxy is passed to the build and not recorded)",
  },
  "snapshot-wrong": {
    failure: "usage",
    what: ({ snapshot }: { snapshot: string }) => `"${snapshot}" is not a snapshot of Debian's archive`,
    fix: () => "write date and time as the snapshot server does: --snapshot 20261101T000000Z",
  },
  "snapshot-without-archive": {
    failure: "usage",
    what: ({ snapshot }: { snapshot: string }) => `no server is named that has the snapshot ${snapshot}`,
    fix: () =>
      "name the archive on a server that keeps snapshots, up to the date: --mirror https://HOST/archive/debian (APT_MIRROR)",
  },
  "epoch-wrong": {
    failure: "usage",
    what: ({ epoch }: { epoch: string }) => `SOURCE_DATE_EPOCH is "${epoch}", which is not a time`,
    fix: () => "set it to seconds since 1970 in digits, such as 1793491200, or unset it",
  },
  "engine-missing": {
    failure: "not-found",
    what: ({ engine }: { engine: string }) => `there is no ${engine} command on this machine`,
    fix: ({ engine }) =>
      engine === "podman"
        ? "install Podman (Debian: apt-get install podman), or build with --engine docker"
        : "install Docker (Debian: apt-get install docker.io docker-cli), or build with --engine podman",
  },
  "builder-silent": {
    failure: "dependency",
    what: ({ engine, reason }: { engine: string; reason: string }) => `${engine} does not answer: ${reason}`,
    fix: ({ engine }) =>
      engine === "podman"
        ? "run `podman info`, and correct what it reports"
        : "start it (systemctl start docker), join the docker group, or set DOCKER_HOST",
  },
  "plinth-missing": {
    failure: "configuration",
    what: ({ paths }: { paths: readonly string[] }) =>
      `images contain the program, and this checkout has not built it: there is no ${paths.join(" and no ")}`,
    fix: () => "run make binary, then the same command again",
  },
  "bake-failed": {
    failure: "configuration",
    what: ({ node }: { node: string; reason: string }) => `plinth cannot bake ${node}`,
    fix: ({ reason }) => `correct what it reports, then build again:\n${reason}`,
  },
  "build-failed": {
    failure: "dependency",
    what: ({ image, tail }: Failed) => `${image} could not be built:\n${tail}`,
    fix: ({ log }) => `see the whole log: ${log}`,
  },
  "push-failed": {
    failure: "dependency",
    what: ({ image, tail }: Failed) => `${image} could not be pushed:\n${tail}`,
    fix: ({ log, engine }) =>
      `see the whole log: ${log}. Log in first, where the registry asks for it: ${engine} login`,
  },
  "network-lost": {
    failure: "dependency",
    what: ({ image, line, tries }: Failed & { line: string; tries: number }) =>
      `${image}: the network failed in each of ${tries} tries: ${line}`,
    fix: ({ log }) =>
      `check that this machine, and containers on it, reach what the line names (addresses, name server, http_proxy; APT_MIRROR for Debian's packages, PYPI_INDEX for Python's), then run the same command again: finished images are kept. See the whole log: ${log}`,
  },
  "disk-full": {
    failure: "dependency",
    what: ({ image, line }: Failed & { line: string }) => `${image}: the disk is full: ${line}`,
    fix: ({ log, engine }) =>
      `free space (${engine} system df shows what images take, ${engine} system prune removes what nothing uses; make clean removes build/), then run the same command again. See the whole log: ${log}`,
  },
  "packages-unreadable": {
    failure: "dependency",
    what: ({ image, reason }: { image: string; reason: string }) =>
      `${image} is built, but its packages cannot be listed: ${reason}`,
    fix: () => "base it on an image with a shell and dpkg, which list its packages for the bill of materials",
  },
  "lock-missing": {
    failure: "configuration",
    what: ({ release, component, path }: { release: string; component: string; path: string }) =>
      `${component} of ${release} comes from PyPI and has no lock (${path})`,
    fix: ({ release }) => `create it: make lock VERSION=${release}`,
  },
  "lock-line-wrong": {
    failure: "configuration",
    what: ({ path, line }: { path: string; line: string }) =>
      `${path} has a line that is not an exact version with SHA-256 hashes: ${line}`,
    fix: () => "restore the file, or make it again with make lock: locks are not edited by hand",
  },
  "lock-older": {
    failure: "configuration",
    what: ({ path, changed }: { release: string; component: string; path: string; changed: readonly string[] }) =>
      `${path} is out of date: it was made for other values of ${list(changed)}`,
    fix: ({ release }) =>
      `make it again: make lock VERSION=${release}. The rows are in src/openstack/python.ts and releases.ts, the constraints beside the lock`,
  },
});
