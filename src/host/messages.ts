import { catalog } from "../diagnostics/catalog.ts";

/** A mode as ls and chmod have it. */
const octal = (mode: number): string => mode.toString(8).padStart(3, "0");

/** What can go wrong between plinth and the machine it runs on. */
export const hostMessage = catalog({
  "lock-held": {
    failure: "dependency",
    what: ({ name, holder, waitedMs }: { name: string; holder: string; waitedMs: number }) =>
      `the lock ${name} was not free within ${Math.round(waitedMs / 1000)} s: ${holder} holds it`,
    fix: () =>
      "let the other job end; or end it: the database frees the lock with its connection. More time: --timeout, PLINTH_WAIT_TIMEOUT",
  },
  "lock-lost": {
    failure: "dependency",
    what: ({ name, server, reason }: { name: string; server: string; reason: string }) =>
      `the lock ${name} cannot be taken at ${server}: ${reason}`,
    fix: () => "see the database's own log, then start the job again: it is harmless when repeated",
  },
  "lock-broken": {
    failure: "dependency",
    what: ({ name, reason }: { name: string; reason: string }) =>
      `the lock ${name} was lost while the job was at work, so the job's program was ended: ${reason}`,
    fix: () =>
      "see the database's own log, and what stands between (a proxy's idle time), then start the job again: it waits until nothing of this one can be at work",
  },
  "schema-lost": {
    failure: "dependency",
    what: ({ server, reason }: { server: string; reason: string }) =>
      `cannot tell at ${server} whether its first schema is whole: ${reason}`,
    fix: () => "see the database's own log, then start the job again: it is harmless when repeated",
  },
  "file-unreadable": {
    failure: "configuration",
    what: ({ path, reason }: { path: string; reason: string }) => `cannot read ${path}: ${reason}`,
    fix: ({ use }: { path: string; reason: string; use: string }) => use,
  },
  "environment-unreadable": {
    failure: "configuration",
    what: ({ reason }: { reason: string }) => `cannot read the environment, which is /proc/self/environ: ${reason}`,
    fix: () => "mount proc(5) at /proc, as every container runtime does, and let plinth's program be readable",
  },
  "secret-absent": {
    failure: "configuration",
    what: ({ variable, looks }: { variable: string; looks: string; use: string }) =>
      `${variable} names no file that is there: ${looks} (not shown, since it may be the secret itself)`,
    fix: ({ use }: { variable: string; looks: string; use: string }) => use,
  },
  "secret-unfit": {
    failure: "configuration",
    what: ({ variable, path, flaw }: { variable: string; path: string; flaw: string }) =>
      `${path}, which ${variable} names, ${flaw}`,
    fix: () =>
      "give a file that holds the value and nothing else, as UTF-8 (iconv -f LATIN1 -t UTF-8) without a byte order mark; one newline at the end is taken away",
  },
  "directory-denied": {
    failure: "configuration",
    what: ({ path, how, uid, gid, groups, why }: DirectoryDenied) =>
      `the service cannot write to ${path}: ${how}, and the service runs as uid ${uid}, gid ${gid}, groups ${groups}${why === undefined ? "" : ` (it could not be made right: ${why})`}`,
    fix: ({ volume, uid, gid }: DirectoryDenied) =>
      `give the volume at ${volume} to the service: chown ${uid}:${gid} on the directory or host path that is mounted there; Kubernetes: securityContext.fsGroup: ${gid} of the pod does it for claims, not for hostPath; or start the container as root with CHOWN and FOWNER, and plinth does it`,
  },
  "directory-read-only": {
    failure: "configuration",
    severity: "warning",
    what: ({ path }: { path: string }) => `${path} is mounted read-only, and the service may want to write there`,
    fix: () => "mount it read-write, or leave it where this container only reads",
  },
  "settings-closed": {
    failure: "configuration",
    what: ({ tried }: { tried: string }) =>
      `the kernel's settings in /proc/sys are mounted read-only, and the service changes them in the network namespaces that it makes; to mount them writable failed: ${tried}`,
    fix: () =>
      "start the container as root with CAP_SYS_ADMIN and without an AppArmor profile (Docker: --cap-add SYS_ADMIN --security-opt apparmor=unconfined; Kubernetes: capabilities.add: [SYS_ADMIN], appArmorProfile: {type: Unconfined}), or privileged",
  },
  "setting-not-set": {
    failure: "configuration",
    severity: "warning",
    what: ({ name, value, now, reason }: { name: string; value: number; now: string; reason: string }) =>
      `the kernel's setting ${name} is ${now === "" ? "unknown" : now}, should be ${value}, and cannot be set: ${reason}`,
    fix: ({ name, value }: { name: string; value: number; now: string; reason: string }) =>
      `let the engine set it (docker run --sysctl ${name}=${value}; Kubernetes: securityContext.sysctls, for which kubelet needs --allowed-unsafe-sysctls), or start the container privileged, and plinth sets it`,
  },
  "secret-denied": {
    failure: "configuration",
    what: ({ variable, what, at, who, facts }: Denied) =>
      `${variable} names a file that is mounted and cannot be read: ${who} ${what} ${at}${facts === "" ? "" : ` (${facts})`}`,
    fix: ({ change }: Denied) =>
      `${change === "" ? "let this uid read it" : change}; Kubernetes: securityContext.fsGroup, or defaultMode of the volume; Docker: uid, gid and mode of the secret`,
  },
  "target-read-only": {
    failure: "configuration",
    what: ({ path }: { path: string }) => `cannot write ${path}: the file system is read-only`,
    fix: ({ path }: { path: string }) =>
      `make ${path} a link into a tmpfs (plinth bake --link-root / does, at image build) and mount one there: --tmpfs /run`,
  },
  "target-full": {
    failure: "configuration",
    what: ({ path, reason }: { path: string; reason: string }) => `cannot write ${path}: ${reason}`,
    fix: () => "give the file system more room (docker: --tmpfs /run:size=16m); nothing was changed",
  },
  "target-mounted": {
    failure: "configuration",
    what: ({ path }: { path: string }) =>
      `cannot replace ${path}: it is a mount point, and a mounted file cannot be replaced whole`,
    fix: () => "mount the folder instead of the file, or do not mount it at all: plinth renders it",
  },
  "target-denied": {
    failure: "configuration",
    what: ({ path, user, reason }: { path: string; user: number; reason: string }) =>
      `cannot write ${path} as uid ${user}: ${reason}`,
    fix: ({ path, user }: { path: string; user: number; reason: string }) =>
      `let uid ${user} write the folder of ${path}: docker --tmpfs /run (mode 1777), or an emptyDir with fsGroup in Kubernetes`,
  },
  "file-not-given": {
    failure: "configuration",
    what: ({ path }: { path: string }) => `cannot give ${path} to the service's group: root lacks CAP_CHOWN here`,
    fix: () =>
      "start the container as the service's user (--user UID:GID), or let root do it: --cap-add CHOWN (with SETUID and SETGID)",
  },
  "private-of-another": {
    failure: "configuration",
    what: ({ path, owner, mode, uid }: { path: string; owner: number; mode: number; uid: number }) =>
      `${path} belongs to uid ${owner} (mode ${octal(mode)}): the service, which is uid ${uid}, takes it only as its own`,
    fix: ({ path, owner, uid }: { path: string; owner: number; mode: number; uid: number }) =>
      `run the container as uid ${owner} as before, or give the file to the service: chown ${uid} ${path}, as root, where its volume is`,
  },
  "private-open": {
    failure: "configuration",
    what: ({ path, mode, reason }: { path: string; mode: number; reason: string }) =>
      `${path} has mode ${octal(mode)}, and the service takes it only if nobody else may read it; that cannot be changed: ${reason}`,
    fix: ({ path }: { path: string; mode: number; reason: string }) =>
      `chmod 400 ${path}, or put it on a volume that can be written and keeps modes`,
  },
  "private-no-file": {
    failure: "configuration",
    what: ({ path }: { path: string }) => `${path} is no file`,
    fix: ({ path }: { path: string }) =>
      `remove what is there (the service makes its own ${path}), or mount a file there`,
  },
  "private-unseen": {
    failure: "configuration",
    what: ({ path, uid, reason }: { path: string; uid: number; reason: string }) =>
      `cannot look at ${path} as uid ${uid}: ${reason}`,
    fix: ({ path, uid }: { path: string; uid: number; reason: string }) =>
      `let uid ${uid} enter the folder of ${path}: give its volume to that uid`,
  },
  "link-not-made": {
    failure: "configuration",
    what: ({ path, reason }: { path: string; reason: string }) => `cannot make ${path} a link: ${reason}`,
    fix: () => "bake as root while the image is built, before its root file system becomes read-only",
  },
  "no-such-user": {
    failure: "cannot-execute",
    what: ({ user }: { user: string }) => `no user ${user} in /etc/passwd`,
    fix: ({ user }: { user: string }) =>
      `create ${user} in the image before its packages are installed, or run the container with --user UID:GID`,
  },
  "no-such-group": {
    failure: "cannot-execute",
    what: ({ group }: { group: string }) => `no group ${group} in /etc/group`,
    fix: ({ group }: { group: string }) => `create ${group} in the image before its packages are installed`,
  },
  "user-malformed": {
    failure: "usage",
    what: ({ wanted }: { wanted: string; most: number }) => `--user ${wanted} names no user`,
    fix: ({ most }: { wanted: string; most: number }) =>
      `NAME, UID, NAME:GROUP or UID:GID; numbers go up to ${most}, and no name is empty or holds a blank or a slash`,
  },
  "cannot-switch-user": {
    failure: "cannot-execute",
    what: ({ user, reason }: { user: string; reason: string }) => `cannot become ${user}: ${reason}`,
    fix: ({ uid, gid }: { user: string; reason: string; uid: number; gid: number }) =>
      `start the container as that user (--user ${uid}:${gid}; Kubernetes: runAsUser, runAsGroup), or let root switch: --cap-add SETUID --cap-add SETGID`,
  },
  "stays-root": {
    failure: "cannot-execute",
    severity: "warning",
    what: ({ user, reason }: { user: string; reason: string; uid: number; gid: number }) =>
      `cannot become ${user} (${reason}): the service runs as uid 0 without any capability`,
    fix: ({ uid, gid }: { user: string; reason: string; uid: number; gid: number }) =>
      `start the container as that user: --user ${uid}:${gid} (Kubernetes: runAsUser, runAsGroup)`,
  },
  "command-not-found": {
    failure: "not-found",
    what: ({ command, service }: { command: string; service: string }) => `${service}: command not found: ${command}`,
    fix: ({ path }: { command: string; service: string; path: string }) =>
      `is the service's package in this image? looked in PATH=${path}`,
  },
  "command-not-executable": {
    failure: "cannot-execute",
    what: ({ command, reason }: { command: string; service: string; reason: string }) =>
      `cannot run ${command}: ${reason}`,
    fix: ({ service }: { command: string; service: string; reason: string }) =>
      `check the command of ${service} in the image: it must be a program for this machine that its user may execute`,
  },
});

type DirectoryDenied = {
  readonly path: string;
  readonly volume: string;
  readonly how: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: string;
  readonly why: string | undefined;
};

type Denied = {
  readonly variable: string;
  readonly what: string;
  readonly at: string;
  readonly who: string;
  readonly facts: string;
  readonly change: string;
};
