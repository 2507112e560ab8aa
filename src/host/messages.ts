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
      "wait until the other job ends, or end it: the database frees the lock with its connection; to wait longer, use --timeout or PLINTH_WAIT_TIMEOUT",
  },
  "lock-lost": {
    failure: "dependency",
    what: ({ name, server, reason }: { name: string; server: string; reason: string }) =>
      `cannot take the lock ${name} at ${server}: ${reason}`,
    fix: () => "see the database's own log, then start the job again: repeating it is harmless",
  },
  "lock-broken": {
    failure: "dependency",
    what: ({ name, reason }: { name: string; reason: string }) =>
      `the lock ${name} was lost while the job ran, so plinth ended the job's program: ${reason}`,
    fix: () =>
      "see the database's own log, and check what is between (a proxy's idle timeout); then start the job again: it waits until no process of this job can still run",
  },
  "schema-lost": {
    failure: "dependency",
    what: ({ server, reason }: { server: string; reason: string }) =>
      `cannot tell at ${server} whether the first schema is complete: ${reason}`,
    fix: () => "see the database's own log, then start the job again: repeating it is harmless",
  },
  "file-unreadable": {
    failure: "configuration",
    what: ({ path, reason }: { path: string; reason: string }) => `cannot read ${path}: ${reason}`,
    fix: ({ use }: { path: string; reason: string; use: string }) => use,
  },
  "environment-unreadable": {
    failure: "configuration",
    what: ({ reason }: { reason: string }) => `cannot read the environment (/proc/self/environ): ${reason}`,
    fix: () => "mount proc(5) at /proc, as every container runtime does, and make plinth's program readable",
  },
  "secret-absent": {
    failure: "configuration",
    what: ({ variable, looks }: { variable: string; looks: string; use: string }) =>
      `${variable} does not name an existing file: ${looks} (its value is not shown, because it may be the secret itself)`,
    fix: ({ use }: { variable: string; looks: string; use: string }) => use,
  },
  "secret-unfit": {
    failure: "configuration",
    what: ({ variable, path, flaw }: { variable: string; path: string; flaw: string }) =>
      `${path}, which ${variable} names, ${flaw}`,
    fix: () =>
      "give a file that holds the value and nothing else, as UTF-8 (iconv -f LATIN1 -t UTF-8) without a byte order mark; plinth removes one newline at the end",
  },
  "directory-denied": {
    failure: "configuration",
    what: ({ path, how, uid, gid, groups, why }: DirectoryDenied) =>
      `the service cannot write to ${path}: ${how}, and the service runs as uid ${uid}, gid ${gid}, groups ${groups}${why === undefined ? "" : ` (plinth could not change that: ${why})`}`,
    fix: ({ volume, uid, gid }: DirectoryDenied) =>
      `give the volume at ${volume} to the service: chown ${uid}:${gid} on the directory or host path that is mounted there (Kubernetes: the pod's securityContext.fsGroup: ${gid} does that for claims, but not for hostPath); or start the container as root with CHOWN and FOWNER, so that plinth does it`,
  },
  "directory-read-only": {
    failure: "configuration",
    severity: "warning",
    what: ({ path }: { path: string }) => `${path} is mounted read-only, and the service may need to write there`,
    fix: () => "mount it read-write; ignore this where the container only reads it",
  },
  "settings-closed": {
    failure: "configuration",
    what: ({ tried }: { tried: string }) =>
      `the kernel's settings in /proc/sys are mounted read-only, and the service changes them in the network namespaces that it creates; mounting them writable failed: ${tried}`,
    fix: () =>
      "start the container as root with CAP_SYS_ADMIN and without an AppArmor profile (Docker: --cap-add SYS_ADMIN --security-opt apparmor=unconfined; Kubernetes: capabilities.add: [SYS_ADMIN], appArmorProfile: {type: Unconfined}), or privileged",
  },
  "setting-not-set": {
    failure: "configuration",
    severity: "warning",
    what: ({ name, value, now, reason }: { name: string; value: number; now: string; reason: string }) =>
      `the kernel setting ${name} is ${now === "" ? "unknown" : now} and should be ${value}, but plinth cannot set it: ${reason}`,
    fix: ({ name, value }: { name: string; value: number; now: string; reason: string }) =>
      `let the engine set it (docker run --sysctl ${name}=${value}; Kubernetes: securityContext.sysctls, for which kubelet needs --allowed-unsafe-sysctls), or start the container privileged, so that plinth sets it`,
  },
  "secret-denied": {
    failure: "configuration",
    what: ({ variable, what, at, who, facts }: Denied) =>
      `${variable} names a mounted file that cannot be read: ${who} ${what} ${at}${facts === "" ? "" : ` (${facts})`}`,
    fix: ({ change }: Denied) =>
      `${change === "" ? "let this uid read it" : change}; Kubernetes: securityContext.fsGroup, or defaultMode of the volume; Docker: uid, gid and mode of the secret`,
  },
  "target-read-only": {
    failure: "configuration",
    what: ({ path }: { path: string }) => `cannot write ${path}: the file system is read-only`,
    fix: ({ path }: { path: string }) =>
      `make ${path} a link into a tmpfs (plinth bake --link-root / does that while the image is built), and mount the tmpfs: --tmpfs /run`,
  },
  "target-full": {
    failure: "configuration",
    what: ({ path, reason }: { path: string; reason: string }) => `cannot write ${path}: ${reason}`,
    fix: () => "give the file system more space (Docker: --tmpfs /run:size=16m); nothing was changed",
  },
  "target-mounted": {
    failure: "configuration",
    what: ({ path }: { path: string }) =>
      `cannot replace ${path}: it is a mount point, and a mounted file cannot be replaced atomically`,
    fix: () => "mount the directory instead of the file, or do not mount it at all: plinth renders it",
  },
  "target-denied": {
    failure: "configuration",
    what: ({ path, user, reason }: { path: string; user: number; reason: string }) =>
      `cannot write ${path} as uid ${user}: ${reason}`,
    fix: ({ path, user }: { path: string; user: number; reason: string }) =>
      `let uid ${user} write to the directory of ${path} (Docker: --tmpfs /run, which has mode 1777; Kubernetes: an emptyDir with fsGroup)`,
  },
  "file-not-given": {
    failure: "configuration",
    what: ({ path }: { path: string }) =>
      `cannot change the group of ${path} to the service's: root lacks CAP_CHOWN here`,
    fix: () =>
      "start the container as the service's user (--user UID:GID), or give root the capability: --cap-add CHOWN (with SETUID and SETGID)",
  },
  "private-of-another": {
    failure: "configuration",
    what: ({ path, owner, mode, uid }: { path: string; owner: number; mode: number; uid: number }) =>
      `${path} belongs to uid ${owner} (mode ${octal(mode)}): the service runs as uid ${uid} and accepts the file only if it owns it`,
    fix: ({ path, owner, uid }: { path: string; owner: number; mode: number; uid: number }) =>
      `run the container as uid ${owner} as before, or give the file to the service as root, where its volume is: chown ${uid} ${path}`,
  },
  "private-open": {
    failure: "configuration",
    what: ({ path, mode, reason }: { path: string; mode: number; reason: string }) =>
      `${path} has mode ${octal(mode)}, and the service accepts it only if no other user may read it; plinth cannot change the mode: ${reason}`,
    fix: ({ path }: { path: string; mode: number; reason: string }) =>
      `run chmod 400 ${path}, or put the file on a writable volume that keeps modes`,
  },
  "private-no-file": {
    failure: "configuration",
    what: ({ path }: { path: string }) => `${path} is not a file`,
    fix: ({ path }: { path: string }) =>
      `remove what is there (the service creates ${path} itself), or mount a file there`,
  },
  "private-unseen": {
    failure: "configuration",
    what: ({ path, uid, reason }: { path: string; uid: number; reason: string }) =>
      `cannot inspect ${path} as uid ${uid}: ${reason}`,
    fix: ({ path, uid }: { path: string; uid: number; reason: string }) =>
      `let uid ${uid} enter the directory of ${path}: give its volume to that uid`,
  },
  "namespace-not-removed": {
    failure: "configuration",
    severity: "warning",
    what: ({ path, reason }: { path: string; reason: string }) =>
      `cannot remove ${path}, the name of a network namespace that is gone: ${reason}; the servers of its network get no metadata`,
    fix: ({ path }: { path: string; reason: string }) =>
      `remove ${path} as root in the container and restart the container, or replace the pod`,
  },
  "link-not-made": {
    failure: "configuration",
    what: ({ path, reason }: { path: string; reason: string }) => `cannot replace ${path} with a link: ${reason}`,
    fix: () => "bake as root while the image is built, before its root file system becomes read-only",
  },
  "no-such-user": {
    failure: "cannot-execute",
    what: ({ user }: { user: string }) => `there is no user ${user} in /etc/passwd`,
    fix: ({ user }: { user: string }) =>
      `create ${user} in the image before its packages are installed, or run the container with --user UID:GID`,
  },
  "no-such-group": {
    failure: "cannot-execute",
    what: ({ group }: { group: string }) => `there is no group ${group} in /etc/group`,
    fix: ({ group }: { group: string }) => `create ${group} in the image before its packages are installed`,
  },
  "user-malformed": {
    failure: "usage",
    what: ({ wanted }: { wanted: string; most: number }) => `--user ${wanted} does not name a user`,
    fix: ({ most }: { wanted: string; most: number }) =>
      `write NAME, UID, NAME:GROUP or UID:GID, with numbers up to ${most} and names without blanks and slashes`,
  },
  "cannot-switch-user": {
    failure: "cannot-execute",
    what: ({ user, reason }: { user: string; reason: string }) => `cannot switch to the user ${user}: ${reason}`,
    fix: ({ uid, gid }: { user: string; reason: string; uid: number; gid: number }) =>
      `start the container as that user (--user ${uid}:${gid}; Kubernetes: runAsUser, runAsGroup), or give root the capabilities: --cap-add SETUID --cap-add SETGID`,
  },
  "stays-root": {
    failure: "cannot-execute",
    severity: "warning",
    what: ({ user, reason }: { user: string; reason: string; uid: number; gid: number }) =>
      `cannot switch to the user ${user} (${reason}): the service runs as uid 0 without any capability`,
    fix: ({ uid, gid }: { user: string; reason: string; uid: number; gid: number }) =>
      `start the container as that user: --user ${uid}:${gid} (Kubernetes: runAsUser, runAsGroup)`,
  },
  "command-not-found": {
    failure: "not-found",
    what: ({ command, service }: { command: string; service: string }) => `${service}: command not found: ${command}`,
    fix: ({ path }: { command: string; service: string; path: string }) =>
      `check that the service's package is in this image; plinth searched PATH=${path}`,
  },
  "command-not-executable": {
    failure: "cannot-execute",
    what: ({ command, reason }: { command: string; service: string; reason: string }) =>
      `cannot run ${command}: ${reason}`,
    fix: ({ service }: { command: string; service: string; reason: string }) =>
      `check the command of ${service} in the image: it must be a program for this architecture that the service's user may execute`,
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
