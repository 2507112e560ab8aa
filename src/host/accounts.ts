import { readFileSync } from "node:fs";
import { getSystemErrorMessage } from "node:util";
import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { hostMessage } from "./messages.ts";

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

/** @returns the home folder of a uid, or `/` where /etc/passwd does not know it (Kubernetes runAsUser). */
export const homeOf = (uid: number): string => rows("/etc/passwd").find((row) => Number(row[2]) === uid)?.[5] || "/";

/** A named account: uid and home from /etc/passwd, the group's gid and further memberships from /etc/group. */
function named(account: { readonly user: string; readonly group: string }): Result<Identity> {
  const user = rows("/etc/passwd").find(([name]) => name === account.user);
  const groups = rows("/etc/group");
  const group = groups.find(([name]) => name === account.group);
  if (!user || !group) {
    return failure([
      ...(user ? [] : [hostMessage("no-such-user", { user: account.user })]),
      ...(group ? [] : [hostMessage("no-such-group", { group: account.group })]),
    ]);
  }
  const gid = Number(group[2]);
  const memberOf = groups.filter(([, , , members]) => members?.split(",").includes(account.user));
  const further = memberOf.map(([, , id]) => Number(id));
  return success({ uid: Number(user[2]), gid, groups: [...new Set([gid, ...further])], home: user[5] || "/" });
}

/**
 * Who the service shall be. Only root can become somebody else; any other uid stays who it is, and needs no account.
 *
 * @param wanted `UID:GID`, or a name that is user and group alike; undefined for the image's own account.
 */
export function identityFor(
  wanted: string | undefined,
  account: { readonly user: string; readonly group: string },
): Result<Identity> {
  if (process.geteuid?.() !== 0) return success(present());
  const ids = /^(\d+):(\d+)$/.exec(wanted ?? "");
  if (!ids) return named(wanted === undefined ? account : { user: wanted, group: wanted });
  const [uid, gid] = [Number(ids[1]), Number(ids[2])];
  return success({ uid, gid, groups: [gid], home: homeOf(uid) });
}
