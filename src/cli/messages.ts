import { catalog } from "../diagnostics/catalog.ts";

/** What can be wrong about how plinth was called. */
export const cliMessage = catalog({
  usage: {
    failure: "usage",
    what: ({ problem }: { problem: string; verb: string }) => problem,
    fix: ({ verb }: { problem: string; verb: string }) => `see plinth ${verb} --help`.replace("  ", " "),
  },
  "code-unknown": {
    failure: "usage",
    what: ({ code }: { code: string; near: string | undefined }) => `no message has the code ${code}`,
    fix: ({ near }: { code: string; near: string | undefined }) =>
      `${near === undefined ? "" : `did you mean ${near}? `}docs/errors.md lists all, also those of make images and make kubernetes-up`,
  },
  "file-of-which-service": {
    failure: "usage",
    what: ({ path, verb }: { path: string; verb: string; known: readonly string[] }) =>
      `plinth ${verb}: ${path} is not the same for all services, since the model says more of it for some`,
    fix: ({ known }: { path: string; verb: string; known: readonly string[] }) => `name one: ${known.join(", ")}`,
  },
  "options-file-unknown": {
    failure: "usage",
    what: ({ file, release }: { file: string; near: string | undefined; known: readonly string[]; release: string }) =>
      `no service of ${release} has a file ${file} whose options are known`,
    fix: ({ near, known }) => `${near ? `did you mean ${near}? ` : ""}there are: ${known.join(", ")}`,
  },
  "options-release-unknown": {
    failure: "usage",
    what: ({ release }: { release: string; near: string | undefined; known: readonly string[] }) =>
      `there is no release ${release}`,
    fix: ({ near, known }) => `${near ? `did you mean ${near}? ` : ""}there are: ${known.join(", ")}`,
  },
  "options-no-list": {
    failure: "usage",
    what: ({ component, release }: { component: string; release: string }) =>
      `there is no list of the options of ${component} in ${release}`,
    fix: () => "see config-templates/options for those there are; --templates names another folder",
  },
  "options-section-unknown": {
    failure: "usage",
    what: ({ file, section, release }: { file: string; section: string; near: string | undefined; release: string }) =>
      `${file} of ${release} has no section [${section}]`,
    fix: ({ near, file }) => `${near ? `did you mean [${near}]? ` : ""}plinth options ${file} lists the sections`,
  },
  "options-none": {
    failure: "usage",
    what: ({
      word,
      file,
      section,
      release,
    }: {
      word: string;
      file: string;
      section: string | undefined;
      near: string | undefined;
      release: string;
    }) =>
      `nothing in ${section === undefined ? "" : `[${section}] of `}${file} of ${release} has ${word} in its name or help`,
    fix: ({ near }) => (near ? `did you mean ${near}?` : "try another word"),
  },
  "option-dropped-in": {
    failure: "configuration",
    severity: "warning",
    what: ({ section, option }: { file: string; section: string; option: string }) =>
      `a drop-in file says [${section}] ${option}, which the model does not know`,
    fix: ({ file, section, option }: { file: string; section: string; option: string }) =>
      `put it into the model, as _options:${file}:${section}:${option}, bake the image again, and take the drop-in away`,
  },
  "option-taken-out": {
    failure: "usage",
    what: ({ option, section, file, by }: { option: string; section: string; file: string; by: string }) =>
      `${section === "" ? "" : `[${section}] `}${option} is not in ${file}: ${by} of the model takes it out`,
    fix: ({ by }: { option: string; section: string; file: string; by: string }) =>
      `plinth model explain NODE ${by} says which class does`,
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
  "image-not-deployed": {
    failure: "usage",
    what: ({ image }: NotDeployed) => `the deployment has no image ${image}`,
    fix: ({ near, known }: NotDeployed) => `${near ? `did you mean ${near}? ` : ""}it has: ${known.join(", ")}`,
  },
  "images-unreadable": {
    failure: "usage",
    what: ({ path, problem }: { path: string; problem: string }) => `--images ${path}: ${problem}`,
    fix: () =>
      'it holds a JSON object of images of the deployment with their names: {"nova-controller": "registry.example.com/plinth/nova-controller:2025.1"}',
  },
  "service-missing": {
    failure: "usage",
    what: ({ image }: { image: string; known: readonly string[] }) => `which service of ${image}?`,
    fix: ({ known }: { image: string; known: readonly string[] }) => `name one: ${known.join(", ")}`,
  },
  "nothing-to-watch": {
    failure: "usage",
    what: () => "there is nothing to watch: no etcd is named, and no parameter comes from a file",
    fix: () => "set PLINTH_ETCD_ENDPOINTS, such as http://etcd:2379, or give a parameter as NAME_FILE",
  },
  "command-failed": {
    failure: "cannot-execute",
    severity: "warning",
    what: ({ command, reason }: { command: string; reason: string }) => `${command}: ${reason}`,
    fix: () => "the files are rewritten; run it by hand, or correct the command and start the watch again",
  },
  "command-slow": {
    failure: "cannot-execute",
    severity: "warning",
    what: ({ command, seconds }: { command: string; seconds: number }) =>
      `${command}: it had not ended after ${seconds} s, and was ended with all that it started`,
    fix: () =>
      "the files are rewritten, and the watch goes on; a command that needs longer gets it by --timeout SECONDS",
  },
  "no-process": {
    failure: "not-found",
    severity: "warning",
    what: ({ process, signal, found }: { process: string; signal: string; found: number }) =>
      found === 0
        ? `${signal} was sent to nobody: there is no process of ${process}`
        : `${signal} was sent to nobody: the ${found} processes of ${process} belong to somebody else`,
    fix: ({ found }: { process: string; signal: string; found: number }) =>
      found === 0
        ? "is the service running, and in the same process namespace (Kubernetes: shareProcessNamespace)? --process wants the program's file name, such as nova-conductor"
        : "run the watch as the service's own user",
  },
  "signal-unknown": {
    failure: "usage",
    what: ({ signal }: { signal: string; near: string | undefined }) => `there is no signal ${signal}`,
    fix: ({ near }: { signal: string; near: string | undefined }) =>
      `${near ? `did you mean ${near}? ` : ""}a name such as HUP or SIGHUP, RTMIN+1, or a number from 1 to 64`,
  },
  "signal-incomplete": {
    failure: "usage",
    what: ({ given, missing }: { given: string; missing: string }) => `${given} is given, but ${missing} is missing`,
    fix: () => "both together say which processes get which signal: --signal HUP --process nova-conductor",
  },
  "keys-unwritten": {
    failure: "configuration",
    what: ({ folder, reason }: { folder: string; reason: string }) => `keys cannot be made in ${folder}: ${reason}`,
    fix: () =>
      "let the folder belong to the account that the container runs as (a new volume is root's unless the image's folder is not)",
  },
  "component-unknown": {
    failure: "usage",
    what: ({ component }: { component: string; near: string | undefined; known: readonly string[] }) =>
      `there is no component ${component}`,
    fix: ({ near, known }) => `${near ? `did you mean ${near}? ` : ""}components: ${known.join(", ")}`,
  },
  "rotation-unclear": {
    failure: "usage",
    what: () => "how many keys stay, and how long a token lives, is not said, or not in whole numbers",
    fix: () => "plinth keys --rotate --keep 3 --lifetime 43200 FOLDER: at least 2 keys; seconds",
  },
  "keys-of-what": {
    failure: "usage",
    what: ({ secret }: { secret: string | undefined }) =>
      secret === undefined ? "the keys of which folder?" : "--secret rotates one Secret, mounted in one folder at most",
    fix: ({ secret }: { secret: string | undefined }) =>
      secret === undefined
        ? "name folders, or with --rotate a Secret: plinth keys /var/lib/keystone/fernet-keys"
        : "add --rotate, and name no more than one folder; plinth secrets makes the first keys of a Secret",
  },
  "secret-unclear": {
    failure: "usage",
    what: ({ given }: { given: string }) => `--secret ${given} does not say which Secret of which namespace`,
    fix: () =>
      "write --secret NAMESPACE/NAME, such as plinth/keystone-fernet-keys; in a pod NAME is one of its own namespace",
  },
  "project-unknown": {
    failure: "usage",
    what: () => "which containers are meant is not known: this one belongs to no project of Compose",
    fix: () => "name one: plinth keep --project plinth",
  },
  "engine-silent": {
    failure: "dependency",
    severity: "warning",
    what: ({ reason }: { reason: string }) => `the container engine does not answer: ${reason}`,
    fix: () =>
      "it is asked again every two seconds; if it runs, mount its socket (--volume /var/run/docker.sock:/run/docker.sock), and run as a user who may write to it",
  },
  "catalog-malformed": {
    failure: "configuration",
    what: ({ file }: { file: string }) => `${file} is no catalog`,
    fix: () => "let `plinth start catalog` of the keystone-server image render it",
  },
  "catalog-refused": {
    failure: "dependency",
    what: ({ url, reason }: { url: string; reason: string }) => `the catalog at ${url} could not be made: ${reason}`,
    fix: () =>
      "see keystone's log; the job may be repeated at any time: what was made already is left as it is, the rest is made then",
  },
  "log-unreadable": {
    failure: "usage",
    what: ({ file, reason }: { file: string; reason: string }) => `the log ${file} cannot be read: ${reason}`,
    fix: () => "name files with logs of containers, or pipe them in: docker compose logs --no-color | plinth timeline",
  },
  "log-without-starts": {
    failure: "usage",
    what: ({ files }: { files: readonly string[] }) => `no start of a service is told of in ${files.join(", ")}`,
    fix: () =>
      "it takes plinth's lines as JSON, which it writes where standard error is no terminal (or PLINTH_LOG_FORMAT=json), at level info",
  },
  "picture-unwritten": {
    failure: "configuration",
    what: ({ file, reason }: { file: string; reason: string }) => `the picture ${file} cannot be written: ${reason}`,
    fix: () => "name a file in a folder that you may write to",
  },
  "end-what": {
    failure: "usage",
    what: () => "--end-hung ends the service of this container, and a URL names a server somewhere",
    fix: () => "leave out one of the two",
  },
  "alive-or-ready": {
    failure: "usage",
    what: () => "--alive and --ready are two questions",
    fix: () => "ask one of them: --alive for what restarts the service, --ready for what sends it work",
  },
  "no-health": {
    failure: "usage",
    what: ({ service }: { service: string }) => `${service} is a job: it runs once and has no health`,
    fix: () => "ask a service; a job's exit status says how it went",
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
  "variable-not-seconds": {
    failure: "configuration",
    what: ({ name, value }: { name: string; value: string; meant: number | undefined }) =>
      `${name} is ${JSON.stringify(value)}, which is no number of seconds`,
    fix: ({ name, meant }: { name: string; value: string; meant: number | undefined }) =>
      `write seconds, like ${name}=${meant ?? 300}`,
  },
  "name-not-looked-up": {
    failure: "dependency",
    severity: "warning",
    what: ({ host, path, reason }: { host: string; path: string; reason: string }) =>
      `${path} is ${host}, whose address is not known here: ${reason}`,
    fix: ({ host }: { host: string; path: string; reason: string }) =>
      `files show ${host} in its place; a start waits for the address, since the service takes nothing else`,
  },
  "option-not-number": {
    failure: "usage",
    what: ({ option, value }: { option: string; value: string }) =>
      `--${option} wants a number, not ${JSON.stringify(value)}`,
    fix: ({ option }: { option: string; value: string }) => `write it like --${option} 60`,
  },
});

type NotDeployed = { image: string; near: string | undefined; known: readonly string[] };

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
