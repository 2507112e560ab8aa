import { readFileSync } from "node:fs";
import { getSystemErrorMessage } from "node:util";
import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import { hostMessage } from "../messages.ts";

export type Ids = { readonly uid: number; readonly gid: number };

/** Who a process is to be: passwd(5) and group(5) of the image. `groups` are the supplementary ones. */
export type Identity = Ids & { readonly groups: readonly number[]; readonly home: string };

/**
 * @returns the system's words for an error ("permission denied"), without the path and call that Node adds. Most calls
 * give a negative errno, setgroups and its kin a positive one.
 */
export function reasonOf(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  return errno === undefined ? message : getSystemErrorMessage(-Math.abs(errno));
}

/** Whether this process has no capability at all (`--cap-drop ALL`): root then is root by name only. */
export function powerless(): boolean {
  return /^CapEff:\s*0+$/m.test(readFileSync("/proc/self/status", "utf8"));
}

/**
 * The rows of a colon-separated account file; an image without one (FROM scratch) has no rows.
 * Read by us and not by getpwnam(3): the libc beside the binary knows nothing of the image's nsswitch modules.
 */
function rows(path: string): readonly (readonly string[])[] {
  try {
    return readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => line.split(":"));
  } catch {
    return [];
  }
}

/** Who this process is already. */
const present = (): Identity => {
  const uid = process.geteuid?.() ?? 0;
  return { uid, gid: process.getegid?.() ?? 0, groups: process.getgroups?.() ?? [], home: homeOf(uid) };
};

/** @returns the home directory of a uid, or `/` where /etc/passwd does not know it (Kubernetes runAsUser). */
export const homeOf = (uid: number): string => rows("/etc/passwd").find((row) => Number(row[2]) === uid)?.[5] || "/";

/** Numbers of users and groups are 32 bits, less the one that means "as it is" to setresuid(2). */
const mostId = 2 ** 32 - 2;

const isId = (word: string): boolean => /^\d+$/.test(word) && Number(word) <= mostId;

/** The gids of the groups that list a user as a member. */
const memberships = (user: string): readonly number[] =>
  rows("/etc/group")
    .filter(([, , , members]) => members?.split(",").includes(user))
    .map(([, , id]) => Number(id));

/**
 * Supplementary groups that the container runtime gave this root (`--group-add`, supplementalGroups, fsGroup): those it has
 * beside root's own. They are meant for the service, and so stay with it.
 */
function groupsGiven(): readonly number[] {
  const own = new Set([process.getegid?.() ?? 0, ...memberships("root")]);
  return (process.getgroups?.() ?? []).filter((gid) => !own.has(gid));
}

function identity(uid: number, gid: number, further: readonly number[], home: string): Identity {
  return { uid, gid, groups: [...new Set([gid, ...further, ...groupsGiven()])], home };
}

/** The image's account: uid and home from /etc/passwd, the group's gid and further memberships from /etc/group. */
function imageIdentity(account: { readonly user: string; readonly group: string }): Result<Identity> {
  const user = rows("/etc/passwd").find(([name]) => name === account.user);
  const group = rows("/etc/group").find(([name]) => name === account.group);
  if (!user || !group) {
    return failure([
      ...(user ? [] : [hostMessage("no-such-user", { user: account.user })]),
      ...(group ? [] : [hostMessage("no-such-group", { group: account.group })]),
    ]);
  }
  return success(identity(Number(user[2]), Number(group[2]), memberships(account.user), user[5] || "/"));
}

/** The two words of `USER` or `USER:GROUP`, each a name or a number. */
function wordsOf(wanted: string): Result<{ readonly user: string; readonly group: string | undefined }> {
  const [user = "", group, ...more] = wanted.split(":");
  const isWrong = (word: string): boolean => word === "" || /[\s/]/.test(word) || (/^\d+$/.test(word) && !isId(word));
  if (isWrong(user) || (group !== undefined && isWrong(group)) || more.length > 0) {
    return failure([hostMessage("user-malformed", { wanted, most: mostId })]);
  }
  return success({ user, group });
}

/**
 * Whom an operator names, as `docker run --user` reads it: a name counts before a number. Without a group it is the account's
 * own, with its memberships; a uid that /etc/passwd does not know has the group of the same number.
 */
function wantedIdentity(wanted: string): Result<Identity> {
  const words = wordsOf(wanted);
  if (!words.ok) return words;
  const { user, group } = words.value;
  const accounts = rows("/etc/passwd");
  const byId = isId(user) ? accounts.find((row) => row[2] !== "" && Number(row[2]) === Number(user)) : undefined;
  const account = accounts.find(([name]) => name === user) ?? byId;
  const named = group === undefined ? undefined : rows("/etc/group").find(([name]) => name === group);
  const gid = group === undefined ? (account?.[3] ?? user) : (named?.[2] ?? group);
  const diagnostics = [
    ...(account || isId(user) ? [] : [hostMessage("no-such-user", { user })]),
    ...(group === undefined || isId(gid) ? [] : [hostMessage("no-such-group", { group })]),
  ];
  if (diagnostics.length > 0) return failure(diagnostics);
  const further = account && group === undefined ? memberships(account[0] as string) : [];
  return success(identity(Number(account?.[2] ?? user), Number(gid), further, account?.[5] || "/"));
}

/**
 * Who the service shall be. Only root can become somebody else; any other uid stays who it is, and needs no account.
 *
 * @param wanted `USER` or `USER:GROUP`, names or numbers; undefined for the image's own account.
 */
export function identityFor(
  wanted: string | undefined,
  account: { readonly user: string; readonly group: string },
): Result<Identity> {
  if (process.geteuid?.() === 0) return wanted === undefined ? imageIdentity(account) : wantedIdentity(wanted);
  const words = wanted === undefined ? undefined : wordsOf(wanted);
  return words && !words.ok ? words : success(present());
}

/**
 * The HOME that an operator has set. None where there is no more than what a container runtime sets by itself: the home directory of
 * the user that the container is started as.
 */
export function ownHome(given: string | undefined): string | undefined {
  const uid = process.geteuid?.() ?? 0;
  const usual = [homeOf(uid), "/", ...(uid === 0 ? ["/root"] : [])];
  return given === undefined || given === "" || usual.includes(given) ? undefined : given;
}
