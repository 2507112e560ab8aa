import { catalog } from "../diagnostics/catalog.ts";

/** What can be wrong about how plinth was called. */
export const cliMessage = catalog({
  "usage": {
    failure: "usage",
    what: ({ problem }: { problem: string; verb: string }) => problem,
    fix: ({ verb }: { problem: string; verb: string }) => `see plinth ${verb} --help`.replace("  ", " "),
  },
  "verb-unknown": {
    failure: "usage",
    what: ({ verb }: { verb: string; near?: string | undefined; known: readonly string[] }) => `unknown verb ${verb}`,
    fix: ({ near, known }: { verb: string; near?: string | undefined; known: readonly string[] }) =>
      `${near ? `did you mean ${near}? ` : ""}verbs: ${known.join(", ")}`,
  },
  "service-unknown": {
    failure: "usage",
    what: ({ service, image }: Unknown) => `image ${image} has no service ${service}`,
    fix: ({ near, known }: Unknown) => `${near ? `did you mean ${near}? ` : ""}it has: ${known.join(", ")}`,
  },
  "service-missing": {
    failure: "usage",
    what: ({ image }: { image: string; known: readonly string[] }) => `which service of ${image}?`,
    fix: ({ known }: { image: string; known: readonly string[] }) => `name one: ${known.join(", ")}`,
  },
  "not-rendered": {
    failure: "usage",
    what: ({ what, wanted }: Missing) => `no such ${what}: ${wanted}`,
    fix: ({ near, known }: Missing) => `${near ? `did you mean ${near}? ` : ""}there are: ${known.join(", ")}`,
  },
  "etcd-skipped": {
    failure: "dependency",
    severity: "warning",
    what: ({ reason }: { reason: string }) => `going on without etcd, which is declared optional: ${reason}`,
    fix: () => "etcd's values are missing from this start; unset PLINTH_ETCD_OPTIONAL to make them required",
  },
  "option-not-number": {
    failure: "usage",
    what: ({ option, value }: { option: string; value: string }) => `--${option} wants a number, not ${JSON.stringify(value)}`,
    fix: ({ option }: { option: string; value: string }) => `write it like --${option} 60`,
  },
});

type Unknown = {
  readonly service: string;
  readonly image: string;
  readonly near?: string | undefined;
  readonly known: readonly string[];
};

type Missing = {
  readonly what: string;
  readonly wanted: string;
  readonly near?: string | undefined;
  readonly known: readonly string[];
};
