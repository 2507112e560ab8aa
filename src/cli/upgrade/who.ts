import { hostname, userInfo } from "node:os";
import type { Context } from "../verb.ts";

/** Who carries an upgrade out, for whoever finds it at work: `root@machine, process 4711`. */
export function whoWeAre({ environment }: Context): string {
  let user = environment["USER"];
  try {
    user = userInfo().username;
  } catch {
    // A user id without a row in /etc/passwd.
  }
  return `${user ?? process.geteuid?.() ?? "somebody"}@${hostname()}, process ${process.pid}`;
}
