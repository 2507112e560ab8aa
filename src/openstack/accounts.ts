import type { Account } from "./component.ts";

/** Accounts whose files several images share on volumes. The ids are kolla's (kolla/common/users.py), so that its volumes stay readable. */

export const nova: Account = { user: "nova", group: "nova", uid: 42436, gid: 42436 };
export const cinder: Account = { user: "cinder", group: "cinder", uid: 42407, gid: 42407 };
export const root: Account = { user: "root", group: "root", uid: 0, gid: 0 };
