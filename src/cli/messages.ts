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
      `${near === undefined ? "" : `did you mean ${near}? `}see docs/errors.md for all codes, including those of make images and make kubernetes-up`,
  },
  "file-of-which-service": {
    failure: "usage",
    what: ({ path, verb }: { path: string; verb: string; known: readonly string[] }) =>
      `plinth ${verb}: ${path} differs between services, because the model overrides options for some of them`,
    fix: ({ known }: { path: string; verb: string; known: readonly string[] }) =>
      `name one service: ${known.join(", ")}`,
  },
  "options-file-unknown": {
    failure: "usage",
    what: ({ file, release }: { file: string; near: string | undefined; known: readonly string[]; release: string }) =>
      `no service of ${release} reads a file ${file} with known options`,
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
      `plinth has no list of the options of ${component} in ${release}`,
    fix: () => "see config-templates/options for the lists that exist, or name another directory with --templates",
  },
  "options-section-unknown": {
    failure: "usage",
    what: ({ file, section, release }: { file: string; section: string; near: string | undefined; release: string }) =>
      `${file} of ${release} has no section [${section}]`,
    fix: ({ near, file }) => `${near ? `did you mean [${near}]? ` : ""}list the sections with plinth options ${file}`,
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
      `no option in ${section === undefined ? "" : `[${section}] of `}${file} of ${release} has ${word} in its name or help`,
    fix: ({ near }) => (near ? `did you mean ${near}?` : "try another word"),
  },
  "option-dropped-in": {
    failure: "configuration",
    severity: "warning",
    what: ({ section, option }: { file: string; section: string; option: string }) =>
      `a drop-in file sets [${section}] ${option}, which the model does not know`,
    fix: ({ file, section, option }: { file: string; section: string; option: string }) =>
      `set it in the model as _options:${file}:${section}:${option}, bake the image again, and remove the drop-in file`,
  },
  "option-taken-out": {
    failure: "usage",
    what: ({ option, section, file, by }: { option: string; section: string; file: string; by: string }) =>
      `${section === "" ? "" : `[${section}] `}${option} is not in ${file}: ${by} in the model removes it`,
    fix: ({ by }: { option: string; section: string; file: string; by: string }) =>
      `find the class that removes it: plinth model explain NODE ${by}`,
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
      'write a JSON object that maps images of the deployment to their names: {"nova-controller": "registry.example.com/plinth/nova-controller:2025.1"}',
  },
  "service-missing": {
    failure: "usage",
    what: ({ image }: { image: string; known: readonly string[] }) => `no service of ${image} is named`,
    fix: ({ known }: { image: string; known: readonly string[] }) => `name one service: ${known.join(", ")}`,
  },
  "nothing-to-watch": {
    failure: "usage",
    what: () => "there is nothing to watch: no etcd is configured, and no parameter comes from a file",
    fix: () => "set PLINTH_ETCD_ENDPOINTS, such as http://etcd:2379, or give a parameter as NAME_FILE",
  },
  "command-failed": {
    failure: "cannot-execute",
    severity: "warning",
    what: ({ command, reason }: { command: string; reason: string }) => `${command}: ${reason}`,
    fix: () => "the files are rewritten; run the command by hand, or correct it and start the watch again",
  },
  "command-slow": {
    failure: "cannot-execute",
    severity: "warning",
    what: ({ command, seconds }: { command: string; seconds: number }) =>
      `${command}: it did not end within ${seconds} s; plinth killed it and all processes that it started`,
    fix: () => "the files are rewritten and the watch goes on; if the command needs longer, use --timeout SECONDS",
  },
  "no-process": {
    failure: "not-found",
    severity: "warning",
    what: ({ process, signal, found }: { process: string; signal: string; found: number }) =>
      found === 0
        ? `${signal} was sent to no process: ${process} does not run`
        : `${signal} was sent to no process: the ${found} processes of ${process} belong to another user`,
    fix: ({ found }: { process: string; signal: string; found: number }) =>
      found === 0
        ? "check that the service runs, and in the same process namespace (Kubernetes: shareProcessNamespace); --process takes the program's file name, such as nova-conductor"
        : "run the watch as the service's own user",
  },
  "signal-unknown": {
    failure: "usage",
    what: ({ signal }: { signal: string; near: string | undefined }) => `there is no signal ${signal}`,
    fix: ({ near }: { signal: string; near: string | undefined }) =>
      `${near ? `did you mean ${near}? ` : ""}write a name such as HUP, SIGHUP or RTMIN+1, or a number from 1 to 64`,
  },
  "signal-incomplete": {
    failure: "usage",
    what: ({ given, missing }: { given: string; missing: string }) => `${given} is given, but ${missing} is missing`,
    fix: () => "give both: --signal HUP --process nova-conductor",
  },
  "keys-unwritten": {
    failure: "configuration",
    what: ({ directory, reason }: { directory: string; reason: string }) =>
      `cannot create keys in ${directory}: ${reason}`,
    fix: () =>
      "give the directory to the account that the container runs as (a new volume belongs to root unless the image's directory does not)",
  },
  "component-unknown": {
    failure: "usage",
    what: ({ component }: { component: string; near: string | undefined; known: readonly string[] }) =>
      `there is no component ${component}`,
    fix: ({ near, known }) => `${near ? `did you mean ${near}? ` : ""}components: ${known.join(", ")}`,
  },
  "rotation-unclear": {
    failure: "usage",
    what: () =>
      "--keep (how many keys stay) or --lifetime (how long a token is valid) is missing or is not a whole number",
    fix: () =>
      "write plinth keys --rotate --keep 3 --lifetime 43200 DIRECTORY (at least 2 keys; the lifetime in seconds)",
  },
  "keys-of-what": {
    failure: "usage",
    what: ({ secret }: { secret: string | undefined }) =>
      secret === undefined
        ? "no directory with keys is named"
        : "--secret rotates one Secret, mounted in one directory at most",
    fix: ({ secret }: { secret: string | undefined }) =>
      secret === undefined
        ? "name directories, or with --rotate a Secret: plinth keys /var/lib/keystone/fernet-keys"
        : "add --rotate and name at most one directory; create the first keys of a Secret with plinth secrets",
  },
  "secret-unclear": {
    failure: "usage",
    what: ({ given }: { given: string }) => `--secret ${given} does not name a Secret and its namespace`,
    fix: () =>
      "write --secret NAMESPACE/NAME, such as plinth/keystone-fernet-keys; in a pod, NAME alone means the pod's own namespace",
  },
  "project-unknown": {
    failure: "usage",
    what: () => "cannot tell which containers to watch over: this container belongs to no Compose project",
    fix: () => "name the project: plinth keep --project plinth",
  },
  "engine-silent": {
    failure: "dependency",
    severity: "warning",
    what: ({ reason }: { reason: string }) => `the container engine does not answer: ${reason}`,
    fix: () =>
      "check that it runs, mount its socket (--volume /var/run/docker.sock:/run/docker.sock), and run as a user who may write to it; plinth tries again every two seconds",
  },
  "catalog-malformed": {
    failure: "configuration",
    what: ({ file }: { file: string }) => `${file} is not a catalog`,
    fix: () => "render it with `plinth start catalog` in the keystone-server image",
  },
  "catalog-refused": {
    failure: "dependency",
    what: ({ url, reason }: { url: string; reason: string }) => `cannot create the catalog at ${url}: ${reason}`,
    fix: () => "see keystone's log, then run the job again: it keeps what exists and creates the rest",
  },
  "log-unreadable": {
    failure: "usage",
    what: ({ file, reason }: { file: string; reason: string }) => `cannot read the log ${file}: ${reason}`,
    fix: () =>
      "name files with containers' logs, or pipe the logs in: docker compose logs --no-color | plinth timeline",
  },
  "log-without-starts": {
    failure: "usage",
    what: ({ files }: { files: readonly string[] }) => `no service's start is logged in ${files.join(", ")}`,
    fix: () =>
      "pass plinth's log as JSON lines at level info; set PLINTH_LOG_FORMAT=json where standard error is a terminal",
  },
  "picture-unwritten": {
    failure: "configuration",
    what: ({ file, reason }: { file: string; reason: string }) => `cannot write the picture ${file}: ${reason}`,
    fix: () => "name a file in a directory that you may write to",
  },
  "end-what": {
    failure: "usage",
    what: () =>
      "--end-hung and a URL cannot be combined: --end-hung ends the service of this container, and a URL names a server elsewhere",
    fix: () => "leave one of them out",
  },
  "end-within": {
    failure: "usage",
    what: () =>
      "--end-hung and --within cannot be combined: --end-hung counts the questions of an engine, which come at an interval",
    fix: () => "leave one of them out",
  },
  "alive-or-ready": {
    failure: "usage",
    what: () => "--alive and --ready cannot be combined",
    fix: () => "use --alive for what restarts the service, and --ready for what sends it work",
  },
  "no-health": {
    failure: "usage",
    what: ({ service }: { service: string }) => `${service} is a job: it runs once and has no health`,
    fix: () => "name a service instead; a job's exit status tells whether it succeeded",
  },
  "not-rendered": {
    failure: "usage",
    what: ({ what, wanted }: Missing) => `there is no ${what} ${wanted}`,
    fix: ({ near, known }: Missing) => `${near ? `did you mean ${near}? ` : ""}there are: ${known.join(", ")}`,
  },
  "etcd-skipped": {
    failure: "dependency",
    severity: "warning",
    what: ({ reason }: { reason: string }) =>
      `plinth continues without etcd, which is optional (PLINTH_ETCD_OPTIONAL): ${reason}`,
    fix: () => "this start uses no values from etcd; unset PLINTH_ETCD_OPTIONAL to make etcd required",
  },
  "variable-not-seconds": {
    failure: "configuration",
    what: ({ name, value }: { name: string; value: string; meant: number | undefined }) =>
      `${name} is ${JSON.stringify(value)}, which is not a number of seconds`,
    fix: ({ name, meant }: { name: string; value: string; meant: number | undefined }) =>
      `write seconds, such as ${name}=${meant ?? 300}`,
  },
  "name-not-looked-up": {
    failure: "dependency",
    severity: "warning",
    what: ({ host, path, reason }: { host: string; path: string; reason: string }) =>
      `cannot look up ${host}, the value of ${path}: ${reason}`,
    fix: ({ host }: { host: string; path: string; reason: string }) =>
      `the files show ${host} in place of its address; a start waits for the address, because the service takes nothing else`,
  },
  "option-not-number": {
    failure: "usage",
    what: ({ option, value, above }: { option: string; value: string; above?: number }) =>
      `--${option} takes a number${above === undefined ? "" : ` above ${above}`}, not ${JSON.stringify(value)}`,
    fix: ({ option }: { option: string; value: string; above?: number }) => `write a number, such as --${option} 60`,
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
