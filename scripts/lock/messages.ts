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
      release === "" ? "Which release is to be locked?" : `No component of ${release} comes from PyPI.`,
    fix: ({ known }) => `Say VERSION=, with one of ${list(known)}.`,
  },
  "lock-component-unknown": {
    failure: "usage",
    what: ({ component, release }: { component: string; release: string; known: readonly string[] }) =>
      `${release} has no component ${component} from PyPI.`,
    fix: ({ known }) => `Use some of ${list(known)}.`,
  },
  "constraints-unreadable": {
    failure: "dependency",
    what: ({ from, reason }: { from: string; reason: string }) =>
      `The constraints (${from}) cannot be read: ${reason}.`,
    fix: () =>
      "CONSTRAINTS= takes a file, or an address that answers with one; without it those of the last lock count.",
  },
  "constraints-wrong": {
    failure: "configuration",
    what: ({ from, line, number }: { from: string; line: string; number: number }) =>
      `Line ${number} of the constraints (${from}) pins no version: ${line}`,
    fix: () => "Use the upper-constraints.txt that upstream publishes for the release: name===version, a line each.",
  },
  "override-unneeded": {
    failure: "configuration",
    what: ({ release, override }: { release: string; override: string }) =>
      `The constraints of ${release} pin nothing that ${override} would take the place of.`,
    fix: () => "Remove that row of `overrides` from src/openstack/python.ts.",
  },
  "engine-failed": {
    failure: "dependency",
    what: ({ what, tail }: { what: string; tail: string }) => `Docker could not ${what}:\n${tail}`,
    fix: () => "See what Docker says above.",
  },
  "base-python-wrong": {
    failure: "configuration",
    what: ({ base, has, wants, release }: { base: string; has: string; wants: string; release: string }) =>
      `${base} has Python ${has}, and ${release} is locked for ${wants}.`,
    fix: () => "Name another base or Python for the release in src/openstack/releases.ts.",
  },
  "versions-not-allowed": {
    failure: "configuration",
    what: ({ component, tail }: { component: string; tail: string }) =>
      `${component}: no set of versions fits its rows and the constraints:\n${tail}`,
    fix: () =>
      "Change the range of the component, or add a row to `overrides`, with its reason, in src/openstack/python.ts.",
  },
  "index-silent": {
    failure: "dependency",
    what: ({ component, tail }: { component: string; tail: string }) =>
      `${component}: the index did not answer:\n${tail}`,
    fix: () =>
      "Try again. Another index is named by PIP_INDEX_URL, a proxy by https_proxy, certificates of its own by SSL_CERT_FILE.",
  },
  "hash-differs": {
    failure: "configuration",
    what: ({ component, tail }: { component: string; tail: string }) =>
      `${component}: the index gives a file that is not the one which was locked:\n${tail}`,
    fix: () => "Find out who changed it before you lock again: a published file never changes.",
  },
  "lock-build-failed": {
    failure: "configuration",
    what: ({ component, tail }: { component: string; tail: string }) =>
      `${component}: a package without a wheel could not be built:\n${tail}`,
    fix: () =>
      "Name the Debian packages of its headers in `compiled`, or another version of its build tools in `buildRequirements` (src/openstack/python.ts).",
  },
  "install-failed": {
    failure: "configuration",
    what: ({ component, tail }: { component: string; tail: string }) => `${component} cannot be installed:\n${tail}`,
    fix: () => "See what uv says above.",
  },
  "trial-failed": {
    failure: "configuration",
    what: ({ component, step, tail }: { component: string; step: string; tail: string }) =>
      `${component}: the lock was not accepted, its ${step} failed:\n${tail}`,
    fix: () => "What a package imports and does not say belongs into `additions` of src/openstack/python.ts.",
  },
  "options-wrong": {
    failure: "configuration",
    what: ({ release, tail }: { release: string; tail: string }) =>
      `The templates do not fit the options of ${release}:\n${tail}`,
    fix: () => "Add what changed to src/openstack/features.ts, and ask for it in config-templates/.",
  },
});
