import { catalog } from "../../src/diagnostics/catalog.ts";

const list = (names: readonly string[]): string => names.join(", ");

/** What ends `make lock`. Nothing of what was there is changed then. */
export const lockMessage = catalog({
  "lock-words-wrong": {
    failure: "usage",
    what: ({ problem }: { problem: string }) => problem,
    fix: () => "make lock VERSION=2026.1 [CONSTRAINTS=file-or-url] [COMPONENTS='nova heat']",
  },
  "release-not-locked": {
    failure: "usage",
    what: ({ release }: { release: string; known: readonly string[] }) =>
      release === "" ? "no release to lock is named" : `no component of ${release} is installed from PyPI`,
    fix: ({ known }) => `set VERSION= to one of ${list(known)}`,
  },
  "lock-component-unknown": {
    failure: "usage",
    what: ({ component, release }: { component: string; release: string; known: readonly string[] }) =>
      `${release} has no component ${component} from PyPI`,
    fix: ({ known }) => `use some of ${list(known)}`,
  },
  "constraints-unreadable": {
    failure: "dependency",
    what: ({ from, reason }: { from: string; reason: string }) => `cannot read the constraints (${from}): ${reason}`,
    fix: () => "set CONSTRAINTS= to a file or a URL, or leave it out to use the constraints of the last lock",
  },
  "constraints-wrong": {
    failure: "configuration",
    what: ({ from, line, number }: { from: string; line: string; number: number }) =>
      `line ${number} of the constraints (${from}) pins no version: ${line}`,
    fix: () => "use the upper-constraints.txt that upstream publishes for the release: one name===version per line",
  },
  "override-unneeded": {
    failure: "configuration",
    what: ({ release, override }: { release: string; override: string }) =>
      `the constraints of ${release} pin no version that ${override} would override`,
    fix: () => "remove that row of `overrides` from src/openstack/python.ts",
  },
  "engine-failed": {
    failure: "dependency",
    what: ({ what, tail }: { what: string; tail: string }) => `Docker could not ${what}:\n${tail}`,
    fix: () => "see Docker's output above",
  },
  "base-python-wrong": {
    failure: "configuration",
    what: ({ base, has, wants, release }: { base: string; has: string; wants: string; release: string }) =>
      `${base} has Python ${has}, and ${release} is locked for ${wants}`,
    fix: () => "name another base or Python for the release in src/openstack/releases.ts",
  },
  "versions-not-allowed": {
    failure: "configuration",
    what: ({ component, tail }: { component: string; tail: string }) =>
      `${component}: no set of versions fits its rows and the constraints:\n${tail}`,
    fix: () =>
      "change the range of the component, or add a row to `overrides`, with its reason, in src/openstack/python.ts",
  },
  "index-silent": {
    failure: "dependency",
    what: ({ component, tail }: { component: string; tail: string }) =>
      `${component}: the index did not answer:\n${tail}`,
    fix: () =>
      "try again; set PIP_INDEX_URL to use another index, https_proxy for a proxy, SSL_CERT_FILE for other certificates",
  },
  "hash-differs": {
    failure: "configuration",
    what: ({ component, tail }: { component: string; tail: string }) =>
      `${component}: the index serves a file other than the locked one:\n${tail}`,
    fix: () => "find out who changed it before you lock again: a published file must not change",
  },
  "lock-build-failed": {
    failure: "configuration",
    what: ({ component, tail }: { component: string; tail: string }) =>
      `${component}: a package without a wheel could not be built:\n${tail}`,
    fix: () =>
      "name the Debian packages of its headers in `compiled`, or another version of its build tools in `buildRequirements` (src/openstack/python.ts)",
  },
  "install-failed": {
    failure: "configuration",
    what: ({ component, tail }: { component: string; tail: string }) => `${component} cannot be installed:\n${tail}`,
    fix: () => "see uv's output above",
  },
  "trial-failed": {
    failure: "configuration",
    what: ({ component, step, tail }: { component: string; step: string; tail: string }) =>
      `${component}: the ${step} of the new lock failed:\n${tail}`,
    fix: () =>
      "Add what a package imports without declaring it to `additions` in src/openstack/python.ts, and a version that fits to `overrides`.",
  },
  "options-wrong": {
    failure: "configuration",
    what: ({ release, tail }: { release: string; tail: string }) =>
      `the templates do not fit the options of ${release}:\n${tail}`,
    fix: () => "add what changed to src/openstack/features.ts, and ask for it in config-templates/",
  },
});
