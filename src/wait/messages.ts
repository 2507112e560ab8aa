import { catalog } from "../diagnostics/catalog.ts";
import { seconds } from "./change.ts";

const where = (from: string | undefined): string => (from === undefined ? "its address" : `the settings of ${from}`);

type Late = {
  readonly name: string;
  readonly waitedMs: number;
  readonly tries: number;
  readonly last: string;
  readonly from?: string | undefined;
};

type Hopeless = { readonly name: string; readonly last: string; readonly fix: string };

const late = ({ name, waitedMs, tries, last }: Late): string =>
  `${name}: not ready after ${seconds(waitedMs)} (${tries} ${tries === 1 ? "try" : "tries"}); last: ${last}`;

/** What can be wrong about what a service waits for. */
export const waitMessage = catalog({
  "dependency-absent": {
    failure: "dependency",
    what: late,
    fix: ({ from }: Late) =>
      `start it, or correct ${where(from)}; if it only needs more time, raise the timeout (--timeout, PLINTH_WAIT_TIMEOUT)`,
  },
  "dependency-unnamed": {
    failure: "dependency",
    what: late,
    fix: ({ from }: Late) =>
      `check that ${where(from)} has the right host name, and that this container's name servers (/etc/resolv.conf) answer and know it`,
  },
  "dependency-unready": {
    failure: "dependency",
    what: late,
    fix: () =>
      "see its own log for what it waits for; if it only needs more time, raise the timeout (--timeout, PLINTH_WAIT_TIMEOUT)",
  },
  "dependency-refused": {
    failure: "dependency",
    what: late,
    fix: ({ from }: Late) =>
      `create what is missing there, or correct ${where(from)}: waiting longer is unlikely to help`,
  },
  "dependency-hopeless": {
    failure: "configuration",
    what: ({ name, last }: Hopeless) => `${name}: waiting cannot make it ready: ${last}`,
    fix: ({ fix }: Hopeless) => fix,
  },
  "dependency-spared": {
    failure: "dependency",
    severity: "warning",
    what: ({ name, reason }: { name: string; reason: string; from: string | undefined }) =>
      `the service starts without ${name}: ${reason}`,
    fix: ({ from }: { name: string; reason: string; from: string | undefined }) =>
      `nothing, if it is down on purpose: the service works without it, slower or with fewer functions, and uses it as soon as it answers; if it is up, correct ${where(from)}`,
  },
  "url-malformed": {
    failure: "usage",
    what: ({ url, reason }: { url: string; reason: string }) => `cannot wait for ${url}: ${reason}`,
    fix: ({ example }: { url: string; reason: string; example: string }) => `write it as in ${example}`,
  },
  "url-scheme-unknown": {
    failure: "usage",
    what: ({ url, scheme }: { url: string; scheme: string }) => `cannot wait for ${url}: unknown scheme ${scheme}`,
    fix: ({ known, near }: { url: string; scheme: string; known: readonly string[]; near?: string | undefined }) =>
      `${near === undefined ? "" : `did you mean ${near}? `}known schemes: ${known.join(", ")}`,
  },
  "url-parameter-missing": {
    failure: "usage",
    what: ({ url, name }: { url: string; name: string }) => `cannot wait for ${url}: $${name} is not set`,
    fix: ({ name }: { url: string; name: string }) =>
      `set ${name}, or ${name}_FILE to the path of a file that holds it; write $$ for a literal dollar`,
  },
  "url-password-visible": {
    failure: "usage",
    severity: "warning",
    what: ({ url }: { url: string }) => `everyone who can list processes can read the password in ${url}`,
    fix: () => "put it into a variable and write $NAME (in single quotes) in its place",
  },
});
